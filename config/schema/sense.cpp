#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

constexpr bounds interval{1, 2147483647};

void describe_server(visitor& v, server_settings& s) {
  v.text({"host", "The engine's host and port (4747).", presence::required}, s.host, format::host_port);
  v.text({"serverName", "Name in topics and logs; each only once.", presence::required}, s.name);
  v.text({"serverDescription", "For the reader."}, s.description);
  v.section({"userSessions", "Sessions of this server's proxy."}, [&] {
    v.flag({"enable", "Ask for them."}, s.user_sessions.enable);
    v.active(s.user_sessions.enable);
    v.text({"host", "The proxy's host and port (4243).", presence::required}, s.user_sessions.host,
           format::host_port);
    v.list({"virtualProxies", "Virtual proxies to ask for.", presence::required},
           s.user_sessions.virtual_proxies, [&](std::string& x) {
             v.text(
                 {"virtualProxy", "Prefix, starting with '/'; '/' is the default proxy.", presence::required},
                 x);
           });
  });
  v.named({"serverTags",
           "Tags of this server, named in serverTagsDefinition. A tag named host takes the host's "
           "place in topics."},
          s.tags, format::free);
  v.named({"headers", "HTTP headers to send; null leaves one out that is usually sent."}, s.headers,
          format::header);
}

} // namespace

void describe(visitor& v, cert_settings& s) {
  v.text({"clientCert", "PEM file with the client certificate."}, s.client_cert, format::file);
  v.text({"clientCertKey", "PEM file with its key."}, s.client_cert_key, format::file);
  v.text({"clientCertCA", "PEM file with Sense's root certificate."}, s.client_cert_ca, format::file);
  v.hidden({"clientCertPassphrase", "Passphrase of the key; '' = none. SENSEFLOW_CERT_PASSPHRASE in the "
                                    "environment wins."},
           s.passphrase);
}

void describe(visitor& v, app_name_settings& s) {
  v.flag({"enableAppNameExtract", "Ask for the names."}, s.enable);
  v.active(s.enable);
  v.duration({"extractInterval", "Time between two questions."}, s.extract_interval, interval);
  v.text(
      {"hostIP", "Host of the repository; a port may follow a colon, else it is 4242.", presence::required},
      s.host, format::host_any_port);
}

void describe(visitor& v, user_session_settings& s) {
  v.flag({"enableSessionExtract", "Ask the servers that have userSessions.enable."}, s.enable);
  v.active(s.enable);
  v.duration({"pollingInterval", "Time between two questions."}, s.polling_interval, interval);
  describe_users(v, {"excludeUser", "Known for the sake of existing files; has no effect on MQTT."},
                 s.exclude_user);
}

void describe(visitor& v, monitor_settings& s) {
  v.duration({"pollingInterval", "Time between two questions for a server's health."}, s.polling_interval,
             interval);
  v.flag({"rejectUnauthorized", "Check the servers' certificates against cert.clientCertCA."},
         s.reject_unauthorized);
  v.texts({"serverTagsDefinition", "Names of the tags that servers may have."}, s.server_tags_definition);
  v.list({"servers", "One item per server."}, s.servers, [&](server_settings& x) { describe_server(v, x); });
}

} // namespace senseflow::config::schema
