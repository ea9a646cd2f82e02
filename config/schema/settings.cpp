#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, settings& s) {
  v.not_served({"crashFile", "systemInfo", "anonTelemetry", "configVisualisation", "heartbeat",
                "dockerHealthCheck", "uptimeMonitor", "errorTracking", "thirdPartyToolsCredentials",
                "qlikSenseEvents", "newRelic", "prometheus", "influxdbConfig"});
  v.dropped({"logdb"});
  v.choice({"logLevel", "Least severe level that is logged."}, s.log_level,
           {"error", "warn", "info", "verbose", "debug", "silly"});
  v.flag({"fileLogging", "Also log to files, one a day."}, s.file_logging);
  v.text({"logDirectory",
          "Directory of the log files; created if missing. If absent: as shown, in $STATE_DIRECTORY "
          "where systemd sets it."},
         s.log_directory, format::file);
  v.flag({"logJson", "Log one JSON object a line. (new)"}, s.log_json);
  v.text({"node", "Name of this instance in its client ids and its status topic (one topic level); '' = the "
                  "host name. (new)"},
         s.node, format::topic_level);

  v.section({"mqttConfig", "The MQTT broker."}, [&] { describe(v, s.mqtt); });
  v.section({"cert", "Certificates exported from Qlik Sense; required to poll servers and app names."},
            [&] { describe(v, s.cert); });
  v.section({"userEvents", "User activity (sessions and connections), sent by the Sense proxy over UDP."},
            [&] { describe(v, s.user_events); });
  v.section({"logEvents", "Log events that Sense services send over UDP; on when one of `source` is."},
            [&] { describe(v, s.log_events); });
  v.section({"appNames", "App names, from the Sense repository."}, [&] { describe(v, s.app_names); });
  v.section({"userSessions", "Proxy sessions; see also `userSessions` of each server."},
            [&] { describe(v, s.user_sessions); });
  v.section({"serversToMonitor", "The Sense servers to poll."}, [&] { describe(v, s.monitor); });

  v.section({"layouts", "Which topics and payloads are published. (new)"}, [&] {
    v.flag({"butlerSos", "Those that Butler SOS publishes."}, s.layouts.butler_sos);
    v.flag({"documented",
            "Those that its documentation describes, such as health/<server> with one JSON object."},
           s.layouts.documented);
    v.flag({"flat",
            "Health once more to health/<server>/flat: one JSON object without others in it, for clients "
            "such as Grafana's MQTT data source."},
           s.layouts.flat);
  });
  v.section({"shutdown", "Stopping the program. (new)"}, [&] {
    v.duration({"drainTimeout", "Longest time to publish what has been received."}, s.shutdown.drain_timeout,
               {0, 600000});
  });
  v.section({"insights", "What the program finds out from polls and events, each with its own topic. (new)"},
            [&] { describe(v, s.insights); });
  v.section({"admin", "Probes, metrics and the status page, over HTTP. (new)"},
            [&] { describe(v, s.admin); });
  v.section({"cluster", "Several instances that work as one service. (new)"},
            [&] { describe(v, s.cluster); });
  v.section({"delivery", "Protection of events against loss. (new)"}, [&] { describe(v, s.delivery); });
  v.section({"ledger", "Account of all items: received, published, dropped, pending. (new)"},
            [&] { describe(v, s.ledger); });
  v.section({"actors", "Tuning; the defaults were chosen by measurement. (new)"},
            [&] { describe(v, s.actors); });
}

void describe_tags(visitor& v, const entry& e, std::vector<tag>& xs) {
  v.list(e, xs, [&](tag& x) {
    v.renamed("tag", "name");
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
