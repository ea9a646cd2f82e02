#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_source(visitor& v, std::string_view key, bool& enable) {
  v.section({key, "Of this service."}, [&] { v.flag({"enable", "Treat its events."}, enable); });
}

} // namespace

void describe(visitor& v, log_event_settings& s) {
  v.not_served({"sendToInfluxdb", "sendToNewRelic"});
  v.section({"source", "Whose log events are treated."}, [&] {
    describe_source(v, "engine", s.source.engine);
    describe_source(v, "proxy", s.source.proxy);
    describe_source(v, "repository", s.source.repository);
    describe_source(v, "scheduler", s.source.scheduler);
    describe_source(v, "qixPerf", s.source.qix_perf);
  });
  v.active(s.enabled());
  v.section({"udpServerConfig", "Where they arrive."}, [&] {
    describe_udp(v, s.udp, {"portLogEvents", "UDP port of log events."});
  });
  describe_tags(v, {"tags", "Added to each event."}, s.tags);
  v.section({"categorise", "Rules that give events a category, or drop them."},
            [&] { describe(v, s.categorise); });
  v.section({"enginePerformanceMonitor", "Which of the engine's performance events (qixPerf) are published."},
            [&] { describe(v, s.performance); });
  v.section({"sendToMQTT", "Where they go."}, [&] {
    auto& mqtt = s.send_to_mqtt;
    v.flag({"enable", "Publish log events."}, mqtt.enable);
    v.active(mqtt.enable);
    v.text({"baseTopic", "What their topics start with; absent: as here, starting with mqttConfig.baseTopic.",
            presence::optional, mqtt.documented},
           mqtt.base_topic, format::topic);
    v.section({"postTo", "Which topics."}, [&] {
      v.flag({"baseTopic", "All to baseTopic."}, mqtt.post_to.base_topic);
      v.flag({"subsystemTopics", "Each to a topic below it made of its subsystem."},
             mqtt.post_to.subsystem_topics);
      v.flag({"sourceTopics",
              "Each to a topic below it named engine, proxy, repository, scheduler or qix-perf. "
              "Absent: on if baseTopic is absent. (new)"},
             mqtt.post_to.source_topics);
    });
  });
}

void describe(visitor& v, categorise_settings& s) {
  v.flag({"enable", "Apply the rules."}, s.enable);
  v.active(s.enable);
  v.list({"rules", "In order; the categories of all that match add up."}, s.rules, [&](category_rule& x) {
    v.text({"description", "For the reader."}, x.description);
    v.texts({"logLevel", "Levels it applies to.", presence::required}, x.log_levels, format::log_level);
    v.choice({"action", "What happens to a matching event.", presence::required}, x.action,
             {"categorise", "drop"});
    describe_tags(v, {"category", "Categories it gives.", presence::required}, x.category);
    v.list({"filter", "One of them must match the message."}, x.filters, [&](rule_filter& f) {
      v.choice(
          {"type", "How the message compares: sw starts with, ew ends with, so holds.", presence::required},
          f.type, {"sw", "ew", "so"});
      v.text({"value", "Text to look for; upper and lower case differ.", presence::required}, f.value);
    });
  });
  v.section({"ruleDefault", "For events that no rule matched."}, [&] {
    v.flag({"enable", "Give them a category."}, s.rule_default.enable);
    v.active(s.rule_default.enable);
    describe_tags(v, {"category", "Categories they get."}, s.rule_default.category);
  });
}

} // namespace senseflow::config::schema
