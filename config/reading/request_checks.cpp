#include "config/reading/request_checks.hpp"

#include <algorithm>
#include <string_view>

namespace senseflow::config::reading {

namespace {

void check_allowed(const settings& s, findings& found) {
  const auto& x = s.requests;
  if (x.allow.empty() && !found.any_item_faulty(&x.allow))
    found.warning(&x.allow, "is empty: every request is refused",
                  "Name the commands that are to be allowed.");
  const auto allows = [&](std::string_view command) {
    return std::find(x.allow.begin(), x.allow.end(), command) != x.allow.end();
  };
  if (allows("replay") && !s.user_events.enable && !s.log_events.enabled() && s.monitor.servers.empty())
    found.warning(&x.allow, "has replay, but there are no events to replay", "Remove it.");
  if (allows("poll-now") && s.monitor.servers.empty())
    found.warning(&x.allow, "has poll-now, but no server is polled", "Remove it.");
  if (allows("rediscover") && !s.home_assistant.enable)
    found.warning(&x.allow, "has rediscover, but homeAssistant is not enabled",
                  "Remove it, or set homeAssistant.enable to true.");
  const auto& changes = s.mqtt.on_change;
  if (allows("snapshot") && !s.mqtt.retain.state && !changes.values && !changes.documented)
    found.warning(&x.allow, "has snapshot, but no state is retained, and each poll is published as it is",
                  "Remove it, or set mqttConfig.retain.state to true.");
}

} // namespace

void check_requests(const settings& s, findings& found) {
  check_allowed(s, found);
}

} // namespace senseflow::config::reading
