// The few settings of a recorded variant that encoders need, straight from its YAML file.
#pragma once

#include "golden_vectors.hpp"

#include "messages/encode/health.hpp"
#include "messages/encode/log_event.hpp"
#include "messages/encode/sessions.hpp"
#include "messages/encode/user_event.hpp"
#include "messages/text/text.hpp"
#include "messages/text/topic.hpp"

namespace golden {

using namespace senseflow::messages;

inline bool is_on(const YAML::Node& x) { return x["enable"].as<bool>(); }

inline tag_list tags_of(const YAML::Node& list) {
  tag_list out;
  for (const auto& x : list) out.push_back({x["name"].as<std::string>(), x["value"].as<std::string>()});
  return out;
}

inline user_set users_of(const YAML::Node& list) {
  user_set out;
  for (const auto& x : list) out.add(x["directory"].as<std::string>(), x["userId"].as<std::string>());
  return out;
}

inline app_names apps_of(const YAML::Node& root) {
  if (!root["appNames"]["enableAppNameExtract"].as<bool>()) return {};
  return *parse_app_list(read_file("apps.json")).value;
}

inline user_event_options user_event_options_of(const YAML::Node& root) {
  user_event_options out;
  const auto events = root["userEvents"];
  out.exclude = users_of(events["excludeUser"]);
  out.tags_json = to_json(tags_of(events["tags"]));
  const auto mqtt = events["sendToMQTT"];
  if (!is_on(events) || !is_on(mqtt)) return out;
  const auto add = [&](const char* name, const char* command) {
    const auto x = mqtt["postTo"][name];
    if (is_on(x)) out.topics.push_back({{x["topic"].as<std::string>(), false}, command});
  };
  add("everythingTopic", "");
  add("sessionStartTopic", "Start session");
  add("sessionStopTopic", "Stop session");
  add("connectionOpenTopic", "Open connection");
  add("connectionCloseTopic", "Close connection");
  return out;
}

inline category_rules rules_of(const YAML::Node& categorise) {
  std::vector<category_rule> rules;
  for (const auto& x : categorise["rules"]) {
    category_rule rule;
    for (const auto& level : x["logLevel"]) rule.levels.push_back(level.as<std::string>());
    rule.drop = equal_ignoring_case(x["action"].as<std::string>(), "drop");
    rule.categories = tags_of(x["category"]);
    for (const auto& f : x["filter"]) {
      const auto type = ascii_lower(f["type"].as<std::string>());
      const auto match = type == "sw"   ? text_match::starts_with
                         : type == "ew" ? text_match::ends_with
                                        : text_match::contains;
      rule.filters.push_back({match, f["value"].as<std::string>()});
    }
    rules.push_back(rule);
  }
  const auto otherwise = categorise["ruleDefault"];
  return {rules, is_on(otherwise) ? tags_of(otherwise["category"]) : tag_list{}};
}

inline std::vector<app_match> app_matches_of(const YAML::Node& list) {
  std::vector<app_match> out;
  for (const auto& x : list) {
    app_match match;
    if (x["appId"]) match.id = x["appId"].as<std::string>();
    if (x["appName"]) match.name = x["appName"].as<std::string>();
    out.push_back(match);
  }
  return out;
}

inline name_filter name_filter_of(const YAML::Node& x, const std::string& all, const std::string& some) {
  const auto names = [](const YAML::Node& list) {
    std::unordered_set<std::string> out;
    for (const auto& name : list)
      out.insert(name.IsMap() ? name["objectId"].as<std::string>() : name.as<std::string>());
    return out;
  };
  return {x[all].as<bool>(), names(x[all + "Exclude"]), names(x[some + "Include"])};
}

inline performance_filter performance_of(const YAML::Node& monitor) {
  performance_filter out;
  out.enable = is_on(monitor);
  const auto all = monitor["monitorFilter"]["allApps"];
  out.all_apps.enable = is_on(all);
  out.all_apps.exclude = app_matches_of(all["appExclude"]);
  out.all_apps.object_type = name_filter_of(all["objectType"], "allObjectTypes", "someObjectTypes");
  out.all_apps.method = name_filter_of(all["method"], "allMethods", "someMethods");
  const auto specific = monitor["monitorFilter"]["appSpecific"];
  out.app_specific.enable = is_on(specific);
  for (const auto& x : specific["app"])
    out.app_specific.filters.push_back({app_matches_of(x["include"]),
                                        name_filter_of(x["objectType"], "allObjectTypes", "someObjectTypes"),
                                        name_filter_of(x["appObject"], "allAppObjects", "someAppObjects"),
                                        name_filter_of(x["method"], "allMethods", "someMethods")});
  return out;
}

inline log_event_options log_event_options_of(const YAML::Node& root) {
  log_event_options out;
  const auto events = root["logEvents"];
  const std::array<const char*, log_source_count> names{"engine", "proxy", "repository", "scheduler",
                                                        "qixPerf"};
  for (size_t i = 0; i < names.size(); ++i) out.sources[i] = is_on(events["source"][names[i]]);
  out.tags_json = to_json(tags_of(events["tags"]));
  if (is_on(events["categorise"])) out.categorise = rules_of(events["categorise"]);
  const auto monitor = events["enginePerformanceMonitor"];
  out.performance = performance_of(monitor);
  out.app_name_lookup = is_on(monitor["appNameLookup"]);
  const auto mqtt = events["sendToMQTT"];
  if (!is_on(mqtt)) return out;
  const shared_text base = mqtt["baseTopic"].as<std::string>();
  if (mqtt["postTo"]["baseTopic"].as<bool>()) out.base.topic = base;
  if (mqtt["postTo"]["subsystemTopics"].as<bool>()) out.subsystem_base.topic = base;
  return out;
}

inline std::string base_topic_of(const YAML::Node& root) {
  return with_slash(root["mqttConfig"]["baseTopic"].as<std::string>());
}

/// What the configuration decides about the topics of the contract (config/asyncapi.yaml).
inline std::map<std::string, std::string> contract_parameters(const YAML::Node& root) {
  std::map<std::string, std::string> out{
      {"base", base_topic_of(root)},
      {"logEventTopic", root["logEvents"]["sendToMQTT"]["baseTopic"].as<std::string>()}};
  const auto user = root["userEvents"]["sendToMQTT"]["postTo"];
  out["userEventTopic"] = user["everythingTopic"]["topic"].as<std::string>();
  for (const auto* name :
       {"sessionStartTopic", "sessionStopTopic", "connectionOpenTopic", "connectionCloseTopic"})
    out[name] = user[name]["topic"].as<std::string>();
  return out;
}

/// Of a server: the tag `host`, else its host without port.
inline std::string host_of(const YAML::Node& server) {
  if (server["serverTags"] && server["serverTags"]["host"])
    return server["serverTags"]["host"].as<std::string>();
  const auto host = server["host"].as<std::string>();
  return host.substr(0, host.find(':'));
}

} // namespace golden
