#include "config/reading/insight_checks.hpp"

#include "config/reading/host_checks.hpp"

#include <algorithm>
#include <string_view>

namespace senseflow::config::reading {

namespace {

bool polls_sessions(const settings& s, const server_settings& x) {
  return s.user_sessions.enable && x.user_sessions.enable;
}

/// Lists go to sessions/<server>/<virtual proxy>.
void check_topics(const settings& s, findings& found) {
  for (const auto& server : s.monitor.servers) {
    if (!polls_sessions(s, server)) continue;
    for (const auto& x : server.user_sessions.virtual_proxies) {
      const std::string_view name = x;
      if (name == "/live" || name == "/ended")
        found.fault(&x, "has the topic that insights.sessions publishes to",
                    "Set insights.sessions.enable to false, or do not poll this virtual proxy.");
    }
  }
}

void check_events(const settings& s, findings& found) {
  const auto& source = s.log_events.source;
  const auto& storms = s.insights.storms;
  if (storms.enable && !source.engine && !source.proxy && !source.repository && !source.scheduler)
    found.warning(&storms.enable, "has no effect: no source of log events with messages is on",
                  "Set enable to true for one of logEvents.source, or remove it.");
  const auto& digest = s.insights.performance;
  if (digest.enable && !(source.qix_perf && s.log_events.performance.enable))
    found.warning(
        &digest.enable, "has no effect: no performance events are published",
        "Set logEvents.source.qixPerf.enable and logEvents.enginePerformanceMonitor.enable to true, "
        "or remove it.");
}

} // namespace

void check_insights(const settings& s, findings& found) {
  check_events(s, found);
  check_insight_hosts(s, found);
  const auto& servers = s.monitor.servers;
  if (s.insights.sessions.enable) {
    check_topics(s, found);
    if (std::none_of(servers.begin(), servers.end(), [&](const auto& x) { return polls_sessions(s, x); }))
      found.warning(&s.insights.sessions.enable, "has no effect: no server's sessions are polled",
                    "Set userSessions.enableSessionExtract, and userSessions.enable of a server, to true.");
    else if (!s.user_events.enable)
      found.warning(&s.insights.sessions.enable,
                    "is true without userEvents: of sessions nothing is known but what the lists tell",
                    "Set userEvents.enable to true.");
  }
  const auto& x = s.insights;
  for (const auto* enable : {&x.memory.enable, &x.silence.enable, &x.clock.enable})
    if (*enable && servers.empty())
      found.warning(enable, "has no effect: there is no server in serversToMonitor",
                    "Name one, or remove it.");
  if (x.certificates.enable && servers.empty() && !s.mqtt.tls.enable && !s.app_names.enable)
    found.warning(&x.certificates.enable,
                  "has no effect: there is no server in serversToMonitor, and no TLS to the broker",
                  "Name a server, set mqttConfig.tls.enable to true, or remove it.");
}

} // namespace senseflow::config::reading
