#include "runtime/wiring/retained.hpp"

#include "messages/text/state_topics.hpp"
#include "runtime/wiring/home_assistant.hpp"
#include "runtime/wiring/options.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

namespace {

bool polls_sessions(const actors::sense_poller_options& x) {
  return std::any_of(x.apis.begin(), x.apis.end(),
                     [](const auto& api) { return api.cls == messages::item_class::sessions; });
}

/// What the node says of itself.
std::set<std::string> topics_of_node(const config::settings& s) {
  std::set<std::string> result;
  if (auto presence = broker_options(s, 0, node_name(s)).presence.topic; !presence.empty())
    result.insert(std::move(presence));
  if (!s.mqtt.retain.state) return result;
  if (s.ledger.interval.count() > 0) result.insert(reporter_options(s, {}).topic.str());
  if (s.home_assistant.enable) result.insert(node_health_topic(s));
  if (s.insights.certificates.enable)
    result.insert(messages::certificates_topic(s.mqtt.base_topic, node_name(s)));
  return result;
}

std::set<std::string> topics_of(const config::settings& s, const actors::sense_poller_options& server) {
  const auto& base = s.mqtt.base_topic;
  const bool events = s.user_events.enable || s.log_events.enabled();
  std::set<std::string> result;
  if (s.insights.silence.enable && events) result.insert(messages::silence_topic(base, server.server));
  if (s.insights.clock.enable) result.insert(messages::clock_topic(base, server.server));
  if (s.insights.memory.enable) result.insert(messages::memory_topic(base, server.server));
  if (s.insights.sessions.enable && polls_sessions(server))
    result.insert(messages::live_sessions_topic(base, server.server));
  if (s.layouts.flat) result.insert(messages::flat_health_topic(base, server.server));
  if (s.layouts.documented) {
    result.insert(
        {messages::health_topic(base, server.server), messages::availability_topic(base, server.server)});
    for (const auto& api : server.apis)
      if (api.cls == messages::item_class::sessions)
        result.insert(messages::sessions_topic(base, server.server, api.virtual_proxy));
  }
  if (s.home_assistant.enable) result.insert(discovery_topic_of(s, server.server));
  return result;
}

} // namespace

actors::retained_topics retained_topics_of(const config::settings& s, const polls_server& ours) {
  actors::retained_topics result;
  result.node = node_name(s);
  result.presence = broker_options(s, 0, result.node).presence.topic;
  result.all = topics_of_node(s);
  if (!s.mqtt.retain.state) return result;
  for (const auto& topic : discovery_topics_of(s)) result.all.insert(topic);
  for (const auto& server : poller_options(s)) {
    auto topics = topics_of(s, server);
    if (ours && !ours(server.server)) result.elsewhere.insert(topics.begin(), topics.end());
    result.all.merge(topics);
  }
  return result;
}

void configure(snapshot<actors::retained_topics>& x, const config::settings& s, const polls_server& ours) {
  auto next = retained_topics_of(s, ours);
  x.update([&](actors::retained_topics& now) {
    next.disputed = std::move(now.disputed);
    now = std::move(next);
  });
}

std::set<std::string> topics_of_devices(const config::settings& s, const std::set<std::string>& devices) {
  auto result = devices;
  if (devices.count(node_discovery_topic(s)) > 0) result.merge(topics_of_node(s));
  for (const auto& server : poller_options(s))
    if (devices.count(discovery_topic_of(s, server.server)) > 0) result.merge(topics_of(s, server));
  return result;
}

} // namespace senseflow::runtime
