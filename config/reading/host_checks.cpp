#include "config/reading/host_checks.hpp"

#include "config/reading/wording.hpp"
#include "config/schema/formats.hpp"

#include <algorithm>

namespace senseflow::config::reading {

namespace {

std::string quoted(const std::string& text) { return "'" + shortened(text) + "'"; }

void check_server(const settings& s, const std::string& machine, const std::string& name, findings& found) {
  const auto& servers = s.monitor.servers;
  if (std::none_of(servers.begin(), servers.end(), [&](const auto& x) { return x.name == name; }))
    found.fault(&s.insights.hosts,
                "says that " + quoted(machine) + " is " + quoted(name) +
                    ", but no server has this serverName",
                "Write a serverName of serversToMonitor.servers behind the machine.");
}

} // namespace

void check_insight_hosts(const settings& s, findings& found) {
  const auto& x = s.insights;
  if (x.hosts.empty()) return;
  if (!x.silence.enable && !x.sessions.enable && !x.clock.enable)
    return found.warning(&x.hosts, "has no effect: insights.silence, sessions and clock are off",
                         "Remove it.");
  for (auto i = x.hosts.begin(); i != x.hosts.end(); ++i) {
    check_server(s, i->first, i->second, found);
    if (schema::is_ip_address(i->first))
      found.warning(&x.hosts, "has " + quoted(i->first) + ", an address, but events name their machine",
                    "Write the name that the machine has for itself.");
    const auto same = std::find_if(x.hosts.begin(), i, [&](const auto& other) {
      return schema::equal_ignoring_case(other.first, i->first);
    });
    if (same == i) continue;
    const auto problem = "has " + quoted(same->first) + " and " + quoted(i->first) +
                         ", which are one machine: upper and lower case do not count";
    if (same->second == i->second)
      found.warning(&x.hosts, problem, "Remove one of them.");
    else
      found.fault(&x.hosts, problem, "Remove one of them: a machine is one server.");
  }
}

} // namespace senseflow::config::reading
