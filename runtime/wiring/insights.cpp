#include "runtime/wiring/insights.hpp"

#include "actors/insights/analyst.hpp"
#include "actors/measured.hpp"
#include "messages/insights/live_sessions.hpp"
#include "messages/insights/memory_runaway.hpp"
#include "runtime/http/url.hpp"
#include "runtime/net/address.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace senseflow::runtime {

namespace {

using namespace messages::insights;
using settings = config::settings;
using name_of_app = std::function<std::string(std::string_view)>;

/// Where insights go, which is news to whoever listens there.
constexpr std::string_view base_topic = "mqttConfig.baseTopic", retained = "mqttConfig.retain.state";

bool polls_sessions(const settings& s, const config::server_settings& x) {
  return s.user_sessions.enable && x.user_sessions.enable && !x.user_sessions.virtual_proxies.empty();
}

/// Events come from the proxy's machine. One that is configured by its address is known by the engine's names, too.
named_server proxy_of(const config::server_settings& x) {
  named_server result{x.name, {without_port(x.user_sessions.host)}};
  if (!parse_address(result.hosts.front())) return result;
  result.hosts.push_back(without_port(x.host));
  for (const auto& [name, value] : x.tags)
    if (name == "host") result.hosts.push_back(value);
  return result;
}

live_sessions_options live_sessions_of(const settings& s, const name_of_app& app_name,
                                       const site_notes& site) {
  const auto& x = s.insights.sessions;
  live_sessions_options result;
  std::vector<named_server> proxies;
  for (const auto& server : s.monitor.servers) {
    if (!polls_sessions(s, server)) continue;
    const auto& vps = server.user_sessions.virtual_proxies;
    result.servers[server.name] = {
        {vps.begin(), vps.end()}, x.max_sessions, s.user_sessions.polling_interval, x.idle_timeout};
    proxies.push_back(proxy_of(server));
  }
  result.hosts = {proxies, s.insights.hosts};
  for (const auto* users : {&s.user_events.exclude_user, &s.user_sessions.exclude_user})
    for (const auto& u : *users) result.exclude.add(u.directory, u.user);
  result.interval = x.interval;
  result.max_bytes = x.max_bytes;
  result.app_name = app_name;
  result.polled_here = site.polled_here;
  if (follows_arrivals(s))
    result.told_elsewhere = [hosts = hosts_of(s)](const auto& host) { return hosts.of(host).empty(); };
  return result;
}

memory_runaway_options memory_of(const settings& s, const name_of_app& app_name) {
  const auto& x = s.insights.memory;
  memory_runaway_options result;
  for (const auto& server : s.monitor.servers) result.servers.insert(server.name);
  result.limit = static_cast<double>(x.limit_mb);
  result.trend = {x.horizon, x.threshold_percent / 100.0};
  result.poll_interval = s.monitor.polling_interval;
  result.interval = x.interval;
  result.app_name = app_name;
  return result;
}

std::vector<actors::analysis_spec> specs_of(const settings& s, const std::shared_ptr<actors::app_table>& apps,
                                            const site_notes& site, const section_texts& texts) {
  name_of_app app_name;
  if (s.app_names.enable)
    app_name = [apps](std::string_view id) {
      const auto table = apps->load();
      const auto* name = table->find(id);
      return name ? *name : std::string{};
    };
  std::vector<actors::analysis_spec> result;
  const auto& servers = s.monitor.servers;
  if (s.insights.sessions.enable &&
      std::any_of(servers.begin(), servers.end(), [&](const auto& x) { return polls_sessions(s, x); }))
    result.push_back(
        {"sessions",
         texts.of({"insights.sessions", "insights.hosts", "userSessions", "appNames.enableAppNameExtract",
                   "userEvents.excludeUser", "serversToMonitor.servers", "insights.silence.enable",
                   "insights.clock.enable", base_topic, retained}),
         [o = live_sessions_of(s, app_name, site)] { return std::make_unique<live_sessions>(o); }});
  if (s.insights.memory.enable && !servers.empty())
    result.push_back({"memory",
                      texts.of({"insights.memory", "appNames.enableAppNameExtract", "serversToMonitor",
                                base_topic, retained}),
                      [o = memory_of(s, app_name)] { return std::make_unique<memory_runaway>(o); }});
  for (auto& x : site_analyses(s, site, texts)) result.push_back(std::move(x));
  return result;
}

} // namespace

std::vector<actors::analysis_spec>
analysis_specs(const settings& s, const std::shared_ptr<actors::app_table>& apps, const site_notes& site) {
  return specs_of(s, apps, site, section_texts{s});
}

std::string analyst_version(const settings& s, const section_texts& texts) {
  std::string result;
  for (const auto& x : specs_of(s, nullptr, {}, texts)) result += x.name + '\n' + x.version;
  return result;
}

std::vector<actors::child_spec> insight_children(const settings& s, service_estates& own,
                                                 const std::map<std::string, std::string>& versions) {
  auto& [feed, analyst] = own.insights;
  actors::analyst_options o;
  site_notes site{own.env, own.observer, own.brokers_shown};
  if (s.cluster.enable)
    site.polled_here = [permits = own.cluster.permits](const std::string& server) {
      return permits->of(server)->epoch() != 0;
    };
  o.analyses = analysis_specs(s, own.apps, site);
  if (o.analyses.empty()) {
    feed->close();
    analyst.reset();
    return {};
  }
  feed->open();
  if (!analyst) analyst = std::make_shared<actors::analyst_estate>(own.outlets->of(actors::names::analyst));
  o.feed = feed;
  o.timeout = s.actors.supervision.hang_timeout;
  if (s.cluster.enable)
    o.ours = [permits = own.cluster.permits](const messages::insight& x) {
      return x.by.epoch == 0 || permits->of(x.origin)->epoch() == x.by.epoch;
    };
  actors::child_spec result{
      "analyst", actors::measured_start(actors::names::analyst, actors::analyst, own.env, o, analyst),
      s.shutdown.drain_timeout / 4, versions.at(actors::names::analyst)};
  result.replaced_without_draining = true;
  return {std::move(result)};
}

std::string describe_insights(const settings& s) {
  std::vector<std::string> on;
  for (const auto& x : analysis_specs(s, nullptr)) on.push_back(x.name);
  return on.empty() ? std::string{} : fmt::format("insights: {}", fmt::join(on, ", "));
}

} // namespace senseflow::runtime
