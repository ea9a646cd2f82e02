#include "config/reading/topic_checks.hpp"

#include "config/reading/topic_spaces.hpp"
#include "config/reading/topics.hpp"
#include "config/reading/wording.hpp"

#include <algorithm>
#include <optional>

namespace senseflow::config::reading {

namespace {

using spaces = std::vector<topic_space>;

std::optional<topic_space> space_of(const std::string& topic, const spaces& in) {
  const auto i =
      std::find_if(in.begin(), in.end(), [&](const auto& x) { return at_or_below(topic, x.topic); });
  return i == in.end() ? std::nullopt : std::optional{*i};
}

void check_node(const settings& s, const std::string& host_name, findings& found) {
  if ((s.node.empty() ? host_name : s.node) != "cluster") return;
  const std::string is = s.node.empty() ? "is empty, and this host is called cluster" : "is 'cluster'";
  found.fault(&s.node, is + ": " + own_space(s).topic + "/cluster/ is where nodes of clusters meet",
              "Give this program another name.");
}

/// In the layout of Butler SOS.
void check_values(const settings& s, findings& found) {
  const auto own = own_space(s);
  if (!s.layouts.butler_sos) return;
  for (const auto& x : s.monitor.servers)
    if (const auto host = topic_host(x); !host.empty() && at_or_below(s.mqtt.base_topic + host, own.topic))
      found.fault(&x.host,
                  "puts the values of the server at " + shortened(s.mqtt.base_topic + host) + ", where " +
                      own.purpose,
                  "Give the server another tag named host, or set layouts.butlerSos to false.");
}

// --- events ---------------------------------------------------------------------------------------

/// Where no event may get: subscribers, Home Assistant or senseflow itself would take it for something else.
spaces not_for_events(const settings& s) {
  spaces result{own_space(s)};
  for (const auto& x : state_spaces(s)) // below them files of Butler SOS may have topics of their own
    for (const auto& server : s.monitor.servers)
      if (!server.name.empty()) result.push_back({x.topic + '/' + as_level(server.name), x.purpose});
  if (s.home_assistant.enable)
    for (auto& x : home_assistant_spaces(s)) result.push_back(std::move(x));
  return result;
}

bool check_event_topic(const std::string& topic, const spaces& not_here, const char* example,
                       findings& found) {
  const auto x = space_of(topic, not_here);
  if (x)
    found.fault(&topic, "is '" + shortened(topic) + "', where " + x->purpose,
                std::string{"Write a topic of its own, as in "} + example + ".");
  return !x;
}

void check_user_event_topics(const settings& s, findings& found) {
  const auto& to = s.user_events.send_to_mqtt;
  if (!s.user_events.enable || !to.enable) return;
  for (const auto* x : {&to.post_to.everything, &to.post_to.session_start, &to.post_to.session_stop,
                        &to.post_to.connection_open, &to.post_to.connection_close})
    if (x->enable) check_event_topic(x->topic, not_for_events(s), "butler-sos/userevent", found);
}

/// Below the base topic log events go where their subsystem says: whoever can send a datagram decides.
void check_log_event_topics(const settings& s, findings& found) {
  const auto& to = s.log_events.send_to_mqtt;
  if (!s.log_events.enabled() || !to.enable) return;
  const auto& base = to.base_topic;
  const auto not_here = not_for_events(s);
  if (!check_event_topic(base, not_here, "butler-sos/logevent", found) || !to.post_to.subsystem_topics)
    return;
  const auto within = std::find_if(not_here.begin(), not_here.end(),
                                   [&](const auto& x) { return at_or_below(x.topic, base); });
  if (within == not_here.end()) return;
  const auto problem = "is '" + shortened(base) +
                       "': log events name topics below it themselves, and could name " + within->topic +
                       ", where " + within->purpose;
  const std::string remedy =
      "Write a topic of its own, as in butler-sos/logevent, or set postTo.subsystemTopics "
      "to false.";
  if (s.requests.enable || s.cluster.enable || s.home_assistant.enable)
    found.fault(&base, problem, remedy);
  else
    found.warning(&base, problem, remedy);
}

// --- Home Assistant -------------------------------------------------------------------------------

void check_home_assistant_topics(const settings& s, findings& found) {
  const auto& x = s.home_assistant;
  if (!x.enable) return;
  spaces taken{own_space(s)};
  for (const auto& more : {state_spaces(s), value_spaces(s)})
    taken.insert(taken.end(), more.begin(), more.end());
  if (const auto at = space_of(x.discovery_prefix, taken))
    found.fault(&x.discovery_prefix, "is '" + shortened(x.discovery_prefix) + "', where " + at->purpose,
                "Write it as in Home Assistant, where it is called discovery prefix: homeassistant.");
  taken.push_back({x.discovery_prefix + "/device", "Home Assistant looks for devices"});
  if (const auto at = space_of(x.status_topic, taken))
    found.fault(&x.status_topic, "is '" + shortened(x.status_topic) + "', where " + at->purpose,
                "Write the topic of Home Assistant's birth message: homeassistant/status.");
}

} // namespace

void check_topics(const settings& s, const std::string& host_name, findings& found) {
  check_node(s, host_name, found);
  check_values(s, found);
  check_user_event_topics(s, found);
  check_log_event_topics(s, found);
  check_home_assistant_topics(s, found);
}

} // namespace senseflow::config::reading
