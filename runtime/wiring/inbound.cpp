#include "runtime/wiring/inbound.hpp"

#include "actors/inbound/namesake.hpp"
#include "actors/measured.hpp"
#include "messages/text/topic.hpp"
#include "runtime/log.hpp"
#include "runtime/wiring/home_assistant.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace senseflow::runtime {

namespace {

messages::request_topics topics_of(const config::settings& s) {
  const auto own = s.mqtt.base_topic + "senseflow/";
  const auto& prefix = s.requests.response_prefix;
  return {own, node_name(s), prefix.empty() ? own : messages::with_slash(prefix)};
}

bool watches_presence(const config::settings& s) {
  return s.mqtt.presence && (s.mqtt.look_around.namesake || s.home_assistant.enable);
}

actors::namesake_options namesake_options_of(const config::settings& s) {
  actors::namesake_options result;
  result.node = node_name(s);
  result.instance = instance_of(s);
  result.watch = s.mqtt.look_around.namesake;
  if (watches_presence(s)) result.presence_topic = broker_options(s, 0, result.node).presence.topic;
  return result;
}

/// Where this installation leaves what is retained.
std::vector<std::string> leftovers_filters(const config::settings& s) {
  const auto& base = s.mqtt.base_topic;
  return {base + "health/#", base + "sessions/#", base + "senseflow/" + node_name(s) + "/+"};
}

} // namespace

bool hears_of_itself(const config::settings& s) { return s.mqtt.look_around.namesake || watches_presence(s); }

std::vector<actors::heard_filter> heard_filters(const config::settings& s) {
  std::vector<actors::heard_filter> result;
  if (s.requests.enable)
    result.push_back(
        {topics_of(s).requests(), actors::names::requests, "requests", true, s.requests.max_waiting});
  const auto own = s.mqtt.base_topic + "senseflow/" + node_name(s);
  const auto what = "what others say in this node's name";
  if (s.mqtt.look_around.namesake)
    result.push_back({own + "/+", actors::names::namesake, what});
  else if (watches_presence(s)) // all that Home Assistant shows hangs on it
    result.push_back({own + "/status", actors::names::namesake, what});
  for (auto& x : home_assistant_filters(s)) result.push_back(std::move(x));
  return result;
}

std::string describe_requests(const config::settings& s) {
  if (!s.requests.enable) return {};
  const auto own = topics_of(s);
  return fmt::format("requests: {} at {}{}/request/", fmt::join(s.requests.allow, ", "), own.own, own.node);
}

std::string describe_look_around(const config::settings& s) {
  const auto& x = s.mqtt.look_around;
  std::vector<std::string> on;
  if (x.leftovers) on.emplace_back("leftovers of former configurations");
  if (x.namesake) on.emplace_back("other programs with this node's name");
  return on.empty() ? std::string{} : fmt::format("looking around for {}", fmt::join(on, ", "));
}

std::set<std::string> topics_to_read(const config::settings& s) {
  std::set<std::string> result;
  for (const auto& x : heard_filters(s)) result.insert(x.filter);
  if (s.mqtt.look_around.leftovers)
    for (const auto& x : leftovers_broker_options(s).subscriptions) result.insert(x.filter);
  return result;
}

actors::requests_options requests_options_of(const config::settings& s, caf::timestamp started) {
  actors::requests_options result;
  for (const auto& name : s.requests.allow)
    if (const auto x = messages::command_of(name)) result.allow.insert(*x);
  result.topics = topics_of(s);
  result.most_per_second = s.requests.max_per_second;
  result.max_age = s.requests.max_age;
  result.version = SENSEFLOW_VERSION;
  result.started = started;
  result.level = log_options(s).threshold;
  result.patience = s.actors.supervision.hang_timeout;
  return result;
}

actors::recent_events_options recent_events_of(const config::settings& s) {
  const auto& allowed = s.requests.allow;
  const bool replay =
      s.requests.enable && std::find(allowed.begin(), allowed.end(), "replay") != allowed.end();
  return {replay ? s.requests.replay_events : 0};
}

actors::listener_options listener_options_of(const config::settings& s) {
  actors::listener_options result;
  result.filters = heard_filters(s);
  result.reconnect = backoff_of(s.actors.reconnect);
  result.ack_timeout = s.actors.publishers.ack_timeout;
  if (watches_presence(s)) result.sign = broker_options(s, 0, node_name(s)).presence.topic;
  return result;
}

mqtt_options listener_broker_options(const config::settings& s) {
  auto result = broker_options(s, 0, node_name(s));
  result.client_id += "-listener";
  actors::subscribe_to(result, heard_filters(s));
  return result;
}

mqtt_options leftovers_broker_options(const config::settings& s) {
  auto result = broker_options(s, 0, node_name(s));
  result.client_id += "-leftovers";
  std::vector<actors::heard_filter> filters;
  for (const auto& x : leftovers_filters(s)) filters.push_back({x, {}});
  actors::subscribe_to(result, filters);
  return result;
}

std::string listener_version(const config::settings& s) {
  std::string result;
  for (const auto& x : heard_filters(s)) result += x.filter + ' ' + x.receiver + '\n';
  if (!result.empty()) result += std::to_string(s.requests.max_waiting) + '\n';
  return result;
}

std::vector<actors::child_spec> inbound_children(const config::settings& s, const service_estates& own,
                                                 const std::shared_ptr<resolver>& names,
                                                 const std::map<std::string, std::string>& versions,
                                                 caf::timestamp started) {
  std::vector<actors::child_spec> result;
  const auto stop = s.actors.supervision.stop_timeout;
  if (s.requests.enable) {
    auto o = requests_options_of(s, started);
    o.look = [status = own.status] { return status->look(); };
    o.reload = own.reload;
    result.push_back(
        {"requests",
         actors::measured_start(actors::names::requests, actors::requests, own.env, o, own.requests), stop,
         versions.at(actors::names::requests)});
  }
  if (hears_of_itself(s))
    result.push_back(
        {"namesake",
         actors::measured_start(actors::names::namesake, actors::namesake, own.env, namesake_options_of(s)),
         stop, versions.at(actors::names::namesake)});
  if (s.mqtt.look_around.leftovers) {
    actors::leftovers_options o;
    o.node = node_name(s);
    o.instance = instance_of(s);
    o.filters = leftovers_filters(s);
    o.reconnect = backoff_of(s.actors.reconnect);
    o.make_client = [options = leftovers_broker_options(s), names] {
      return make_mqtt_client(options, names);
    };
    result.push_back({"leftovers",
                      actors::measured_start(actors::names::leftovers, actors::leftovers, own.env, o), stop,
                      versions.at(actors::names::leftovers)});
  }
  for (auto& x : home_assistant_children(s, own, versions)) result.push_back(std::move(x));
  if (heard_filters(s).empty()) return result;
  auto o = listener_options_of(s);
  o.make_client = [options = listener_broker_options(s), names] { return make_mqtt_client(options, names); };
  result.push_back({"listener", actors::measured_start(actors::names::listener, actors::listener, own.env, o),
                    stop, versions.at(actors::names::listener)});
  return result;
}

} // namespace senseflow::runtime
