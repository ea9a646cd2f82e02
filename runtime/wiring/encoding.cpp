#include "runtime/wiring/encoding.hpp"

#include "messages/text/topic.hpp"
#include "runtime/wiring/cluster.hpp"

namespace senseflow::runtime {

namespace {

using messages::item_class;
using messages::log_source;

messages::delivery_options delivery(const config::settings& s, item_class c) {
  auto seconds = [](std::chrono::seconds x) { return static_cast<uint32_t>(x.count()); };
  if (messages::is_state(c)) return {s.mqtt.qos.state, s.mqtt.retain.state, seconds(s.mqtt.expiry.state)};
  return {s.mqtt.qos.events, s.mqtt.retain.events, seconds(s.mqtt.expiry.events)};
}

messages::tag_list tags_of(const std::vector<config::tag>& xs) {
  messages::tag_list result;
  for (const auto& x : xs) result.push_back({x.name, x.value});
  return result;
}

messages::user_set users_of(const std::vector<config::user_id>& xs) {
  messages::user_set result;
  for (const auto& x : xs) result.add(x.directory, x.user);
  return result;
}

messages::user_event_options user_events(const config::settings& s) {
  const auto& u = s.user_events;
  messages::user_event_options result;
  result.exclude = users_of(u.exclude_user);
  result.tags_json = messages::to_json(tags_of(u.tags));
  result.delivery = delivery(s, item_class::user_event);
  auto add = [&](const config::topic_settings& t, const char* command) {
    bool layout = t.documented ? s.layouts.documented : s.layouts.butler_sos;
    if (u.send_to_mqtt.enable && t.enable && layout)
      result.topics.push_back({{messages::shared_text{t.topic}, t.documented}, command});
  };
  add(u.send_to_mqtt.post_to.everything, "");
  add(u.send_to_mqtt.post_to.session_start, "Start session");
  add(u.send_to_mqtt.post_to.session_stop, "Stop session");
  add(u.send_to_mqtt.post_to.connection_open, "Open connection");
  add(u.send_to_mqtt.post_to.connection_close, "Close connection");
  return result;
}

messages::text_match match_of(config::filter_type x) {
  switch (x) {
  case config::filter_type::starts_with:
    return messages::text_match::starts_with;
  case config::filter_type::ends_with:
    return messages::text_match::ends_with;
  case config::filter_type::contains:
    return messages::text_match::contains;
  }
  return messages::text_match::contains;
}

messages::category_rules rules_of(const config::categorise_settings& x) {
  std::vector<messages::category_rule> rules;
  for (const auto& r : x.rules) {
    messages::category_rule rule;
    rule.levels = r.log_levels;
    rule.drop = r.action == config::rule_action::drop;
    rule.categories = tags_of(r.category);
    for (const auto& f : r.filters) rule.filters.push_back({match_of(f.type), f.value});
    rules.push_back(std::move(rule));
  }
  return {rules, x.rule_default.enable ? tags_of(x.rule_default.category) : messages::tag_list{}};
}

messages::name_filter filter_of(const config::name_filter& x) {
  return {x.all, {x.exclude.begin(), x.exclude.end()}, {x.include.begin(), x.include.end()}};
}

std::vector<messages::app_match> apps_of(const std::vector<config::app_ref>& xs) {
  std::vector<messages::app_match> result;
  for (const auto& x : xs) result.push_back({x.app_id, x.app_name});
  return result;
}

messages::performance_filter performance(const config::performance_settings& x) {
  messages::performance_filter result;
  result.enable = x.enable;
  result.all_apps.enable = x.all_apps.enable;
  result.all_apps.exclude = apps_of(x.all_apps.app_exclude);
  result.all_apps.object_type = filter_of(x.all_apps.object_type);
  result.all_apps.method = filter_of(x.all_apps.method);
  result.app_specific.enable = x.app_specific.enable;
  for (const auto& a : x.app_specific.apps)
    result.app_specific.filters.push_back(
        {apps_of(a.include), filter_of(a.object_type), filter_of(a.object), filter_of(a.method)});
  return result;
}

messages::log_event_options log_events(const config::settings& s) {
  const auto& l = s.log_events;
  messages::log_event_options result;
  auto set = [](auto& array, log_source x, auto value) { array[static_cast<size_t>(x)] = std::move(value); };
  set(result.sources, log_source::engine, l.source.engine);
  set(result.sources, log_source::proxy, l.source.proxy);
  set(result.sources, log_source::repository, l.source.repository);
  set(result.sources, log_source::scheduler, l.source.scheduler);
  set(result.sources, log_source::qix_perf, l.source.qix_perf);
  result.tags_json = messages::to_json(tags_of(l.tags));
  if (l.categorise.enable) result.categorise = rules_of(l.categorise);
  result.performance = performance(l.performance);
  result.app_name_lookup = l.performance.app_name_lookup;
  result.delivery = delivery(s, item_class::log_event);

  const auto& to = l.send_to_mqtt;
  if (!to.enable) return result;
  bool layout = to.documented ? s.layouts.documented : s.layouts.butler_sos;
  messages::event_topic base{messages::shared_text{to.base_topic}, to.documented};
  if (layout && to.post_to.base_topic) result.base = base;
  if (layout && to.post_to.subsystem_topics) result.subsystem_base = base;
  if (s.layouts.documented && to.post_to.source_topics)
    for (auto x : {log_source::engine, log_source::proxy, log_source::repository, log_source::scheduler,
                   log_source::qix_perf})
      set(result.source_topics, x,
          messages::event_topic{messages::shared_text{messages::join_topic(to.base_topic, topic_level(x))},
                                true});
  return result;
}

} // namespace

actors::encoding_options encoding_options(const config::settings& s) {
  actors::encoding_options result;
  if (shares_events(s)) result.node = cluster_node_id(s);
  result.health = {s.mqtt.base_topic, s.layouts.butler_sos, s.layouts.documented,
                   delivery(s, item_class::health), s.layouts.flat};
  result.sessions = {s.mqtt.base_topic, s.layouts.butler_sos, s.layouts.documented,
                     users_of(s.user_sessions.exclude_user), delivery(s, item_class::sessions)};
  result.user_events = user_events(s);
  result.log_events = log_events(s);
  // Only a change is published: the next poll does not make up for a lost one, and a retained one stays true.
  const auto events = delivery(s, item_class::server_event);
  result.availability = {s.mqtt.base_topic, s.layouts.documented, {events.qos, s.mqtt.retain.state, 0}};
  result.server_events = {s.mqtt.base_topic, s.layouts.documented, {events.qos, false, events.expiry_s}};
  // Likewise.
  result.insights = {
      s.mqtt.base_topic, {events.qos, s.mqtt.retain.state, 0}, {events.qos, false, events.expiry_s}};
  result.app_names = s.app_names.enable;
  return result;
}

} // namespace senseflow::runtime
