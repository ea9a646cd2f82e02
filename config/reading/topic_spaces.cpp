#include "config/reading/topic_spaces.hpp"

#include "config/reading/topics.hpp"

namespace senseflow::config::reading {

namespace {

std::string_view without_slash(std::string_view topic) {
  if (!topic.empty() && topic.back() == '/') topic.remove_suffix(1);
  return topic;
}

} // namespace

bool at_or_below(std::string_view topic, std::string_view space) {
  const auto t = without_slash(topic), s = without_slash(space);
  return s.empty() || (t.substr(0, s.size()) == s && (t.size() == s.size() || t[s.size()] == '/'));
}

bool overlap(std::string_view a, std::string_view b) { return at_or_below(a, b) || at_or_below(b, a); }

std::vector<std::string_view> levels_of(std::string_view topic) {
  std::vector<std::string_view> result;
  for (auto rest = without_slash(topic);;) {
    const auto slash = rest.find('/');
    result.push_back(rest.substr(0, slash));
    if (slash == rest.npos) return result;
    rest.remove_prefix(slash + 1);
  }
}

topic_space own_space(const settings& s) {
  return {s.mqtt.base_topic + "senseflow", "senseflow tells of itself and takes requests"};
}

std::vector<topic_space> state_spaces(const settings& s) {
  if (!s.layouts.documented && !s.layouts.flat) return {};
  return {{s.mqtt.base_topic + "health", "the states of servers are published"},
          {s.mqtt.base_topic + "sessions", "the sessions of servers are published"}};
}

std::vector<topic_space> value_spaces(const settings& s) {
  std::vector<topic_space> result;
  if (s.layouts.butler_sos)
    for (const auto& x : s.monitor.servers)
      if (const auto host = topic_host(x); !host.empty())
        result.push_back({s.mqtt.base_topic + host, "the values of a server are published"});
  return result;
}

std::vector<topic_space> event_spaces(const settings& s) {
  std::vector<topic_space> result;
  const auto& user = s.user_events.send_to_mqtt;
  if (s.user_events.enable && user.enable)
    for (const auto* x : {&user.post_to.everything, &user.post_to.session_start, &user.post_to.session_stop,
                          &user.post_to.connection_open, &user.post_to.connection_close})
      if (x->enable && !x->topic.empty()) result.push_back({x->topic, "user events are published"});
  const auto& log = s.log_events.send_to_mqtt;
  if (s.log_events.enabled() && log.enable && !log.base_topic.empty())
    result.push_back({log.base_topic, "log events are published"});
  return result;
}

std::vector<topic_space> home_assistant_spaces(const settings& s) {
  std::vector<topic_space> result;
  const auto& x = s.home_assistant;
  if (!x.discovery_prefix.empty()) result.push_back({x.discovery_prefix, "Home Assistant looks for devices"});
  if (!x.status_topic.empty()) result.push_back({x.status_topic, "Home Assistant says that it is there"});
  return result;
}

} // namespace senseflow::config::reading
