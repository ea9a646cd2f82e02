#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

constexpr bounds interval{1, 2147483647};

void describe_server(visitor& v, server_settings& s) {
  v.text({"host", "Host and port (4747) of the engine.", presence::required}, s.host, format::host_port);
  v.dropped({"logDbHost"});
  v.text({"serverName", "Name in topics and logs; unique.", presence::required}, s.name);
  v.text({"serverDescription", "A note."}, s.description);
  v.section({"userSessions", "Sessions of the proxy on this server."}, [&] {
    v.flag({"enable", "Poll them."}, s.user_sessions.enable);
    v.active(s.user_sessions.enable);
    v.text({"host", "Host and port (4243) of the proxy.", presence::required}, s.user_sessions.host,
           format::host_port);
    v.list({"virtualProxies", "Virtual proxies to poll.", presence::required},
           s.user_sessions.virtual_proxies, [&](std::string& x) {
             v.text({"virtualProxy", "Prefix, beginning with '/'; '/' is the default proxy.",
                     presence::required},
                    x);
           });
  });
  v.named({"serverTags", "Tags of this server, as named in serverTagsDefinition. A tag named host replaces "
                         "the host in topics."},
          s.tags, format::free);
  v.named({"headers", "HTTP headers to send; null omits one that is sent by default."}, s.headers,
          format::header);
}

} // namespace

void describe(visitor& v, cert_settings& s) {
  v.moved("rejectUnauthorized", "serversToMonitor.rejectUnauthorized");
  v.text({"clientCert", "PEM file with the client certificate."}, s.client_cert, format::file);
  v.text({"clientCertKey", "PEM file with its private key."}, s.client_cert_key, format::file);
  v.text({"clientCertCA", "PEM file with the root certificate of Sense."}, s.client_cert_ca, format::file);
  v.hidden(
      {"clientCertPassphrase",
       "Passphrase of the key; '' = none. SENSEFLOW_CERT_PASSPHRASE in the environment takes precedence."},
      s.passphrase);
}

void describe(visitor& v, app_name_settings& s) {
  v.flag({"enableAppNameExtract", "Fetch them."}, s.enable);
  v.active(s.enable);
  v.duration({"extractInterval", "Time between two requests."}, s.extract_interval, interval);
  v.text({"hostIP", "Host of the repository service, optionally with a port (default 4242).",
          presence::required},
         s.host, format::host_any_port);
}

void describe(visitor& v, user_session_settings& s) {
  v.flag({"enableSessionExtract", "Poll the servers that have userSessions.enable."}, s.enable);
  v.active(s.enable);
  v.duration({"pollingInterval", "Time between two requests."}, s.polling_interval, interval);
  describe_users(v, {"excludeUser", "Accepted, no effect: Butler SOS does not apply it to MQTT either."},
                 s.exclude_user);
}

void describe(visitor& v, monitor_settings& s) {
  v.duration({"pollingInterval", "Time between two health requests to a server."}, s.polling_interval,
             interval);
  v.flag({"rejectUnauthorized", "Check server certificates against cert.clientCertCA."},
         s.reject_unauthorized);
  v.texts({"serverTagsDefinition", "Names of the tags that servers may have."}, s.server_tags_definition);
  v.list({"servers", "One item per server."}, s.servers, [&](server_settings& x) { describe_server(v, x); });
}

} // namespace senseflow::config::schema
