#include "runtime/wiring/retained.hpp"

#include "messages/text/state_topics.hpp"
#include "runtime/wiring/home_assistant.hpp"
#include "runtime/wiring/options.hpp"

#include <algorithm>

namespace senseflow::runtime {

namespace {

bool polls_sessions(const actors::sense_poller_options& x) {
  return std::any_of(x.apis.begin(), x.apis.end(),
                     [](const auto& api) { return api.cls == messages::item_class::sessions; });
}

} // namespace

actors::retained_topics retained_topics_of(const config::settings& s, const polls_server& ours) {
  actors::retained_topics result;
  result.node = node_name(s);
  result.presence = broker_options(s, 0, result.node).presence.topic;
  if (!result.presence.empty()) result.all.insert(result.presence);
  if (!s.mqtt.retain.state) return result;
  if (s.ledger.interval.count() > 0) result.all.insert(reporter_options(s, {}).topic.str());
  for (const auto& topic : discovery_topics_of(s)) result.all.insert(topic);
  if (s.home_assistant.enable) result.all.insert(node_health_topic(s));
  const auto& base = s.mqtt.base_topic;
  if (s.insights.certificates.enable) result.all.insert(messages::certificates_topic(base, result.node));
  const bool events = s.user_events.enable || s.log_events.enabled();
  for (const auto& server : poller_options(s)) {
    std::set<std::string> topics;
    if (s.insights.silence.enable && events) topics.insert(messages::silence_topic(base, server.server));
    if (s.insights.clock.enable) topics.insert(messages::clock_topic(base, server.server));
    if (s.insights.memory.enable) topics.insert(messages::memory_topic(base, server.server));
    if (s.insights.sessions.enable && polls_sessions(server))
      topics.insert(messages::live_sessions_topic(base, server.server));
    if (s.layouts.flat) topics.insert(messages::flat_health_topic(base, server.server));
    if (s.layouts.documented) {
      topics.insert(
          {messages::health_topic(base, server.server), messages::availability_topic(base, server.server)});
      for (const auto& api : server.apis)
        if (api.cls == messages::item_class::sessions)
          topics.insert(messages::sessions_topic(base, server.server, api.virtual_proxy));
    }
    if (s.home_assistant.enable) topics.insert(discovery_topic_of(s, server.server));
    if (ours && !ours(server.server)) result.elsewhere.insert(topics.begin(), topics.end());
    result.all.merge(topics);
  }
  return result;
}

} // namespace senseflow::runtime
