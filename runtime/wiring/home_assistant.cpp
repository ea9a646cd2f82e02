#include "runtime/wiring/home_assistant.hpp"

#include "actors/measured.hpp"
#include "runtime/status/status_json.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>

#include <utility>

namespace senseflow::runtime {

using messages::home_assistant::device_topic;

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds health_interval{10000};

messages::home_assistant::site site_of(const config::settings& s) {
  return {s.home_assistant.discovery_prefix, s.mqtt.base_topic, node_name(s), SENSEFLOW_VERSION};
}

std::chrono::seconds in_seconds(std::chrono::milliseconds x) {
  return std::chrono::ceil<std::chrono::seconds>(x);
}

/// Three polls may fail; what has not changed comes only when its time is over.
std::chrono::seconds health_lasts(const config::settings& s) {
  auto result = 3 * s.monitor.polling_interval + s.actors.pollers.timeout;
  if (s.mqtt.on_change.documented) result += s.mqtt.on_change.refresh_every;
  return in_seconds(result);
}

} // namespace

actors::discovery_options discovery_options_of(const config::settings& s, const polls_server& ours) {
  actors::discovery_options result;
  auto& d = result.devices;
  d.at = site_of(s);
  d.node.ledger = s.ledger.interval > 0ms;
  d.at.health_lasts = in_seconds(3 * health_interval + s.actors.pollers.timeout);
  d.node.ledger_lasts = in_seconds(3 * s.ledger.interval + s.actors.pollers.timeout);
  if (s.home_assistant.user_events) d.node.user_events = s.user_events.send_to_mqtt.post_to.everything.topic;
  for (const auto& x : s.monitor.servers)
    if (!ours || ours(x.name))
      d.servers.push_back({x.name, "", health_lasts(s), s.insights.silence.enable});
    else
      d.elsewhere.push_back(x.name);
  d.patience = 2 * s.actors.pollers.timeout + 5s;
  result.birth_topic = s.home_assistant.status_topic;
  return result;
}

std::string node_discovery_topic(const config::settings& s) {
  const auto at = site_of(s);
  return device_topic(at.prefix, node_id(at));
}

std::string discovery_topic_of(const config::settings& s, const std::string& server) {
  const auto at = site_of(s);
  return device_topic(at.prefix, server_id(at, server));
}

std::set<std::string> discovery_topics_of(const config::settings& s) {
  std::set<std::string> result;
  if (!s.home_assistant.enable) return result;
  result.insert(node_discovery_topic(s));
  for (const auto& x : s.monitor.servers) result.insert(discovery_topic_of(s, x.name));
  return result;
}

std::string describe_home_assistant(const config::settings& s) {
  const auto& x = s.home_assistant;
  if (!x.enable) return {};
  return fmt::format("Home Assistant: devices at {}{}, its starts are heard at {}",
                     device_topic(x.discovery_prefix, "+"), x.user_events ? " with user events" : "",
                     x.status_topic);
}

std::vector<actors::heard_filter> home_assistant_filters(const config::settings& s) {
  if (!s.home_assistant.enable) return {};
  const auto& x = s.home_assistant;
  std::vector<actors::heard_filter> result{
      {x.status_topic, actors::names::discovery, "starts of Home Assistant"},
      {device_topic(x.discovery_prefix, "+"), actors::names::discovery, "devices removed in Home Assistant"}};
  result.back().begins = messages::home_assistant::device_topics(x.discovery_prefix);
  return result;
}

std::vector<actors::child_spec> home_assistant_children(const config::settings& s, const service_estates& own,
                                                        const child_texts& versions) {
  if (!s.home_assistant.enable) return {};
  auto o = discovery_options_of(s, own.polls);
  o.devices.generation = own.discoveries;
  // The outbox has nothing to do with it as long as it is in other hands.
  o.let_go = [retained = own.retained](const std::string& topic, bool let_go) {
    retained->update([&](actors::retained_topics& x) {
      if (let_go)
        x.elsewhere.insert(topic);
      else
        x.elsewhere.erase(topic);
    });
  };
  o.in_dispute = [retained = own.retained, s](const std::set<std::string>& devices) {
    auto topics = topics_of_devices(s, devices);
    retained->update([&](actors::retained_topics& x) {
      if (devices.empty())
        x.disputed.clear();
      else // some may be of settings that were changed meanwhile
        x.disputed.merge(topics);
    });
  };
  auto version = versions.at(actors::names::discovery);
  for (const auto& x : o.devices.servers) version += x.name + '\n';
  for (const auto& x : o.devices.elsewhere) version += "not " + x + '\n';
  actors::child_spec result{
      "home-assistant",
      actors::measured_start(actors::names::discovery, actors::discovery, own.env, o, own.discovery),
      s.actors.supervision.stop_timeout, std::move(version)};
  result.replaced_without_draining = true;
  return {std::move(result)};
}

std::string node_health_topic(const config::settings& s) {
  return s.mqtt.base_topic + "senseflow/" + node_name(s) + "/health";
}

std::vector<actors::child_spec> health_reporters(const config::settings& s, const service_estates& own,
                                                 const child_texts& versions) {
  if (!s.home_assistant.enable) return {};
  actors::ledger_reporter_options o;
  o.topic = node_health_topic(s);
  o.qos = s.mqtt.qos.state;
  o.retain = s.mqtt.retain.state;
  o.interval = health_interval;
  o.report.node = node_name(s);
  o.document = [status = own.status] { return node_health_json(status->look()); };
  return {{"health",
           actors::measured_start(actors::names::health_reporter, actors::ledger_reporter, own.env, o,
                                  own.health_reporter),
           s.actors.supervision.stop_timeout, versions.at(actors::names::health_reporter)}};
}

} // namespace senseflow::runtime
