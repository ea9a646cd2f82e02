#include "config/reading/silence_checks.hpp"

#include "config/reading/wording.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace senseflow::config::reading {

namespace {

/// Those that send, and whether their datagrams are received.
std::vector<std::pair<std::string_view, bool>> services(const settings& s) {
  const auto& x = s.log_events.source;
  return {{"user-events", s.user_events.enable}, {"engine", x.engine},       {"proxy", x.proxy},
          {"repository", x.repository},          {"scheduler", x.scheduler}, {"qix-perf", x.qix_perf}};
}

void check_expected(const settings& s, const std::string& text, findings& found) {
  const auto* expect = &s.insights.silence.expect;
  const auto slash = text.rfind('/');
  const auto service = slash == text.npos ? text : text.substr(slash + 1);
  const auto all = services(s);
  const auto known = std::find_if(all.begin(), all.end(), [&](const auto& x) { return x.first == service; });
  if (known == all.end()) {
    std::vector<std::string_view> names;
    for (const auto& x : all) names.push_back(x.first);
    return found.fault(expect, "has '" + shortened(text) + "', which is no service",
                       "Use " + joined(names, "or") + ", or one of them behind a server: sense1/engine.");
  }
  if (!known->second)
    found.warning(expect,
                  "has '" + shortened(text) + "', whose events are switched off: it would always be silent",
                  "Switch them on, or remove it.");
  const auto& servers = s.monitor.servers;
  if (slash != text.npos && std::none_of(servers.begin(), servers.end(),
                                         [&](const auto& x) { return x.name == text.substr(0, slash); }))
    found.fault(expect, "has '" + shortened(text) + "', but no server has this serverName",
                "Write a serverName of serversToMonitor.servers before the slash.");
}

} // namespace

void check_silence(const settings& s, findings& found) {
  const auto& x = s.insights.silence;
  if (!x.enable) return;
  if (!s.user_events.enable && !s.log_events.enabled())
    found.warning(&x.enable, "has no effect: neither user events nor log events are received",
                  "Switch on userEvents or logEvents, or remove it.");
  for (const auto& text : x.expect) check_expected(s, text, found);
}

} // namespace senseflow::config::reading
