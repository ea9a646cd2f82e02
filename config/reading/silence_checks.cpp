#include "config/reading/silence_checks.hpp"

#include "config/reading/wording.hpp"
#include "config/schema/formats.hpp"

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

bool polls_sessions(const settings& s, const server_settings& x) {
  return s.user_sessions.enable && x.user_sessions.enable;
}

bool is_address(std::string_view host_and_port) {
  const auto host = host_and_port.substr(0, host_and_port.rfind(':'));
  return host.substr(0, 1) == "[" || schema::is_ip_address(host);
}

/// Whether one of its machines can be told by the name that its events have.
bool has_name(const settings& s, const server_settings& x) {
  if (!is_address(x.host) || (polls_sessions(s, x) && !is_address(x.user_sessions.host))) return true;
  const auto& said = s.insights.hosts;
  return std::any_of(x.tags.begin(), x.tags.end(), [](const auto& tag) { return tag.first == "host"; }) ||
         std::any_of(said.begin(), said.end(), [&](const auto& machine) {
           return machine.second == x.name && !schema::is_ip_address(machine.first);
         });
}

void check_machines(const settings& s, findings& found) {
  const bool any = s.user_events.enable || s.log_events.enabled();
  if (!(any && (s.insights.silence.enable || s.insights.clock.enable)) &&
      !(s.user_events.enable && s.insights.sessions.enable))
    return;
  for (const auto& x : s.monitor.servers)
    if (!has_name(s, x))
      found.warning(&x.host,
                    "is an address, but events name their machine: which of them come from this server is "
                    "not known, and insights leave them out",
                    "Name its machine in insights.hosts, as in hosts: {QLIK1: '" + shortened(x.name) +
                        "'}, or write the name of the host here.");
}

} // namespace

void check_silence(const settings& s, findings& found) {
  check_machines(s, found);
  const auto& x = s.insights.silence;
  if (!x.enable) return;
  if (!s.user_events.enable && !s.log_events.enabled())
    found.warning(&x.enable, "has no effect: neither user events nor log events are received",
                  "Switch on userEvents or logEvents, or remove it.");
  for (const auto& text : x.expect) check_expected(s, text, found);
}

} // namespace senseflow::config::reading
