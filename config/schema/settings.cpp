#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, settings& s) {
  v.not_served({"crashFile", "systemInfo", "anonTelemetry", "configVisualisation", "heartbeat",
                "dockerHealthCheck", "uptimeMonitor", "errorTracking", "thirdPartyToolsCredentials",
                "qlikSenseEvents", "newRelic", "prometheus", "influxdbConfig"});
  v.choice({"logLevel", "How much the program logs."}, s.log_level,
           {"error", "warn", "info", "verbose", "debug", "silly"});
  v.flag({"fileLogging", "Log to files as well, one a day."}, s.file_logging);
  v.text({"logDirectory", "Directory of the log files; made if it is not there."}, s.log_directory,
         format::file);
  v.flag({"logJson", "Write log lines as JSON objects. (new)"}, s.log_json);
  v.text({"node",
          "Name of this program in its client ids and its status topic, one level of a topic; '' = the "
          "host's name. (new)"},
         s.node, format::topic_level);

  v.section({"mqttConfig", "The MQTT broker."}, [&] { describe(v, s.mqtt); });
  v.section({"cert", "Certificates exported from Qlik Sense; needed to poll servers and app names."},
            [&] { describe(v, s.cert); });
  v.section({"userEvents", "User activity: sessions and connections, sent by Sense's proxy by UDP."},
            [&] { describe(v, s.user_events); });
  v.section({"logEvents", "Log entries that Sense's services send by UDP. On when one of `source` is."},
            [&] { describe(v, s.log_events); });
  v.section({"appNames", "Names of the apps, from Sense's repository."}, [&] { describe(v, s.app_names); });
  v.section({"userSessions", "Sessions of the proxies; see also `userSessions` of each server."},
            [&] { describe(v, s.user_sessions); });
  v.section({"serversToMonitor", "The Sense servers to poll."}, [&] { describe(v, s.monitor); });

  v.section({"layouts", "Which topics and payloads are published. (new)"}, [&] {
    v.flag({"butlerSos", "Those that Butler SOS publishes."}, s.layouts.butler_sos);
    v.flag({"documented",
            "Those that its documentation describes: health/<server> as one JSON object and so on."},
           s.layouts.documented);
  });
  v.section({"shutdown", "How the program ends. (new)"}, [&] {
    v.duration({"drainTimeout", "How long what has been received may take to be published."},
               s.shutdown.drain_timeout, {0, 600000});
  });
  v.section({"delivery", "How far it goes not to lose an event. (new)"}, [&] { describe(v, s.delivery); });
  v.section({"ledger", "The account of all items. (new)"}, [&] { describe(v, s.ledger); });
  v.section({"actors", "Tuning; the defaults are what measurements chose. (new)"},
            [&] { describe(v, s.actors); });
}

void describe_tags(visitor& v, const entry& e, std::vector<tag>& xs) {
  v.list(e, xs, [&](tag& x) {
    v.text({"name", "Name.", presence::required}, x.name);
    v.text({"value", "Value.", presence::required}, x.value);
  });
}

void describe_users(visitor& v, const entry& e, std::vector<user_id>& xs) {
  v.list(e, xs, [&](user_id& x) {
    v.text({"directory", "User directory."}, x.directory);
    v.text({"userId", "User id."}, x.user);
  });
}

} // namespace senseflow::config::schema
