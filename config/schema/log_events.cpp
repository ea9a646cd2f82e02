#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_source(visitor& v, std::string_view key, bool& enable) {
  v.section({key, "Events of this service."}, [&] { v.flag({"enable", "Process them."}, enable); });
}

} // namespace

void describe(visitor& v, log_event_settings& s) {
  v.not_served({"sendToInfluxdb", "sendToNewRelic"});
  v.section({"source", "Services whose log events are processed."}, [&] {
    describe_source(v, "engine", s.source.engine);
    describe_source(v, "proxy", s.source.proxy);
    describe_source(v, "repository", s.source.repository);
    describe_source(v, "scheduler", s.source.scheduler);
    describe_source(v, "qixPerf", s.source.qix_perf);
  });
  v.active(s.enabled());
  v.section({"udpServerConfig", "UDP port that receives the events."}, [&] {
    describe_udp(v, s.udp, {"portLogEvents", "UDP port of log events."});
  });
  describe_tags(v, {"tags", "Tags added to each event."}, s.tags);
  v.section({"categorise", "Rules that assign categories to events, or drop them."},
            [&] { describe(v, s.categorise); });
  v.section({"enginePerformanceMonitor",
             "Selection of the engine performance events (qixPerf) that are published."},
            [&] { describe(v, s.performance); });
  v.section({"sendToMQTT", "Publication by MQTT."}, [&] {
    auto& mqtt = s.send_to_mqtt;
    v.flag({"enable", "Publish log events."}, mqtt.enable);
    v.active(mqtt.enable);
    v.text({"baseTopic",
            "Beginning of their topics; if absent: as shown, beginning with mqttConfig.baseTopic.",
            presence::optional, mqtt.documented},
           mqtt.base_topic, format::topic);
    v.section({"postTo", "Topics to publish to."}, [&] {
      v.flag({"baseTopic", "All events to baseTopic."}, mqtt.post_to.base_topic);
      v.flag({"subsystemTopics", "Each event to a topic below it, named after its subsystem."},
             mqtt.post_to.subsystem_topics);
      v.flag({"sourceTopics", "Each event to a topic below it: engine, proxy, repository, scheduler or "
                              "qix-perf. If absent: on when baseTopic is absent. (new)"},
             mqtt.post_to.source_topics);
    });
  });
}

void describe(visitor& v, categorise_settings& s) {
  v.flag({"enable", "Apply the rules."}, s.enable);
  v.active(s.enable);
  v.list({"rules", "Applied in order; an event gets the categories of all rules that match."}, s.rules,
         [&](category_rule& x) {
           v.text({"description", "A note."}, x.description);
           v.texts({"logLevel", "Log levels the rule applies to.", presence::required}, x.log_levels,
                   format::log_level);
           v.choice({"action", "What to do with a matching event.", presence::required}, x.action,
                    {"categorise", "drop"});
           describe_tags(v, {"category", "Categories to assign.", presence::required}, x.category);
           v.list({"filter", "Conditions on the message; one of them must match."}, x.filters,
                  [&](rule_filter& f) {
                    v.choice({"type", "Comparison: sw = starts with, ew = ends with, so = contains.",
                              presence::required},
                             f.type, {"sw", "ew", "so"});
                    v.text({"value", "Text to look for; case-sensitive.", presence::required}, f.value);
                  });
         });
  v.section({"ruleDefault", "For events that match no rule."}, [&] {
    v.flag({"enable", "Assign categories to them."}, s.rule_default.enable);
    v.active(s.rule_default.enable);
    describe_tags(v, {"category", "Categories to assign."}, s.rule_default.category);
  });
}

} // namespace senseflow::config::schema
