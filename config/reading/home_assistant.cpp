#include "config/reading/home_assistant.hpp"

namespace senseflow::config::reading {

namespace {

void check_topics(const home_assistant_settings& s, findings& found) {
  const auto& prefix = s.discovery_prefix;
  if (prefix.empty() || prefix.front() == '/' || prefix.back() == '/')
    found.fault(&prefix, prefix.empty() ? "is empty" : "is '" + prefix + "', with a '/' at an end",
                "Write it as in Home Assistant, where it is called discovery prefix: homeassistant.");
  if (s.status_topic.empty())
    found.fault(&s.status_topic, "is empty",
                "Write the topic of Home Assistant's birth message: homeassistant/status.");
}

void check_user_events(const settings& s, findings& found) {
  const auto& x = s.home_assistant.user_events;
  const auto& to = s.user_events.send_to_mqtt;
  if (!x) return;
  if (!s.user_events.enable)
    found.fault(&x, "is true, but user events are not received", "Set userEvents.enable to true.");
  else if (!to.enable || !to.post_to.everything.enable)
    found.fault(&x, "is true, but no topic has all user events",
                "Set userEvents.sendToMQTT.postTo.everythingTopic.enable to true.");
}

} // namespace

void check_home_assistant(const settings& s, findings& found) {
  const auto& x = s.home_assistant;
  check_topics(x, found);
  check_user_events(s, found);
  if (!s.layouts.documented)
    found.fault(&x.enable,
                "is true, but layouts.documented is false: the topics are not published that "
                "Home Assistant is to read",
                "Set layouts.documented to true.");
  if (!s.mqtt.retain.state)
    found.fault(&x.enable,
                "is true, but mqttConfig.retain.state is false: after a restart Home Assistant "
                "would not know which servers are there",
                "Set mqttConfig.retain.state to true.");
  if (!s.mqtt.presence)
    found.fault(&x.enable,
                "is true, but mqttConfig.presence is false: Home Assistant would not know "
                "whether this program is there",
                "Set mqttConfig.presence to true.");
}

} // namespace senseflow::config::reading
