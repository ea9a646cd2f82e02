#include "config/reading/request_checks.hpp"

#include "config/reading/topic_spaces.hpp"
#include "config/reading/wording.hpp"

#include <algorithm>
#include <string>
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

/// Whoever may ask says where the answer goes: below this topic.
std::string why_harmful(const settings& s, const std::string& prefix) {
  const auto& base = s.mqtt.base_topic;
  if (!base.empty() && overlap(prefix, base))
    return base + ", where others take them for what Sense servers do";
  for (const auto& spaces : {state_spaces(s), value_spaces(s), event_spaces(s), home_assistant_spaces(s)})
    for (const auto& x : spaces)
      if (overlap(prefix, x.topic)) return x.topic + ", where " + x.purpose;
  return {};
}

/// Below `own` answers are accepted at `<node>/response/...` only; topics without empty levels everywhere.
bool leads_somewhere(const std::string& prefix, const std::string& own) {
  const auto levels = levels_of(prefix);
  if (std::count(levels.begin(), levels.end(), "") > 0) return false;
  if (!at_or_below(prefix, own)) return true;
  const auto first = levels_of(own).size();
  return (levels.size() <= first || levels[first] != "cluster") &&
         (levels.size() <= first + 1 || levels[first + 1] == "response");
}

void check_response_prefix(const settings& s, findings& found) {
  const auto& prefix = s.requests.response_prefix;
  if (prefix.empty()) return;
  const auto own = own_space(s).topic;
  const auto remedy = "Write a topic that nothing else uses, or remove it for " + own + "/.";
  const auto problem = "is '" + shortened(prefix) + "'";
  if (!leads_somewhere(prefix, own))
    return found.warning(&prefix, problem + ", below which no response topic is accepted", remedy);
  const auto harmful = at_or_below(prefix, own) ? "" : why_harmful(s, prefix);
  if (!harmful.empty())
    found.fault(&prefix, problem + ": whoever may ask could have answers published to " + harmful, remedy);
}

} // namespace

void check_requests(const settings& s, findings& found) {
  check_allowed(s, found);
  check_response_prefix(s, found);
}

} // namespace senseflow::config::reading
