#include "runtime/wiring/reload.hpp"

#include "config/effective.hpp"
#include "runtime/log.hpp"
#include "runtime/wiring/admin.hpp"
#include "runtime/wiring/inbound.hpp"
#include "runtime/wiring/insights.hpp"
#include "runtime/wiring/options.hpp"
#include "runtime/wiring/section_texts.hpp"
#include "runtime/wiring/site_analyses.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace senseflow::runtime {

namespace {

// --- what can't change ------------------------------------------------------------------------

/// Sockets stay open over a reload, so that no datagram is lost.
void keep_port(const config::udp_settings& running, config::udp_settings& next) {
  next.server_host = running.server_host;
  next.port = running.port;
  next.receive_buffer_bytes = running.receive_buffer_bytes;
}

/// What only a restart can change stays as it runs.
void keep(const config::settings& running, config::settings& next) {
  next.file_logging = running.file_logging;
  next.log_directory = running.log_directory;
  next.log_json = running.log_json;
  if (running.user_events.enable && next.user_events.enable)
    keep_port(running.user_events.udp, next.user_events.udp);
  if (running.log_events.enabled() && next.log_events.enabled())
    keep_port(running.log_events.udp, next.log_events.udp);
  next.actors.scheduler = running.actors.scheduler;
  next.actors.outbox = running.actors.outbox;
  const auto wished = std::exchange(next.cluster, running.cluster);
  if (next.cluster.enable) next.node = running.node; // who we are stays, and what others count on
  if (next.cluster.enable && wished.enable) {
    next.cluster.weight = wished.weight;
    next.cluster.etcd = wished.etcd;
    next.cluster.drain_on_stop = wished.drain_on_stop;
    next.cluster.on_coordinator_loss = wished.on_coordinator_loss;
  }
  next.delivery = running.delivery;
  next.shutdown = running.shutdown; // the outbox was told its share
  next.actors.encoders.batch_max_items = running.actors.encoders.batch_max_items;
}

// --- in words -----------------------------------------------------------------------------------

using values = std::map<std::string, std::string>;

values values_of(const config::settings& s) {
  values result;
  for (auto& x : config::effective(s)) result.emplace(std::move(x.path), std::move(x.value));
  return result;
}

/// Paths of secrets.
std::set<std::string> hidden_in(const config::settings& s) {
  std::set<std::string> result;
  for (auto& x : config::effective(s))
    if (x.hidden) result.insert(std::move(x.path));
  return result;
}

/// "servers: +new, ~changed, -gone"; empty if there are none.
std::string servers(const config::settings& before, const config::settings& after) {
  const auto old = child_versions(before), now = child_versions(after);
  auto path = [](const config::server_settings& x) { return "polling/" + x.name; };
  std::vector<std::string> result;
  for (const auto& x : after.monitor.servers) {
    auto was = old.find(path(x));
    if (was == old.end())
      result.push_back("+" + x.name);
    else if (was->second != now.at(path(x)))
      result.push_back("~" + x.name);
  }
  for (const auto& x : before.monitor.servers)
    if (now.count(path(x)) == 0) result.push_back("-" + x.name);
  return result.empty() ? std::string{} : fmt::format("servers: {}", fmt::join(result, ", "));
}

/// Lists count as one setting, the servers are told in a line of their own.
std::vector<std::string> differing(const values& a, const values& b) {
  std::vector<std::string> result;
  auto add = [&](const values& xs, const values& ys) {
    for (const auto& [path, value] : xs) {
      auto y = ys.find(path);
      if (y != ys.end() && y->second == value) continue;
      auto name = path.substr(0, path.find('['));
      if (name != "serversToMonitor.servers") result.push_back(std::move(name));
    }
  };
  add(a, b);
  add(b, a);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

/// Actors that end, and settings that are back at their defaults.
std::vector<std::string> gone(const config::settings& before, const config::settings& after) {
  std::vector<std::string> result;
  const auto now = child_versions(after);
  for (const auto& [path, text] : child_versions(before))
    if (now.count(path) == 0) result.push_back(path);
  const auto was = values_of(before), is = values_of(after), defaults = values_of({});
  for (const auto& [path, value] : is) {
    auto before_it = was.find(path), by_default = defaults.find(path);
    if (before_it != was.end() && before_it->second != value && by_default != defaults.end() &&
        by_default->second == value)
      result.push_back(path);
  }
  return result;
}

/// The first of them, and how many more.
std::string listed(const std::vector<std::string>& xs) {
  constexpr size_t most = 20;
  const auto end = xs.begin() + static_cast<std::ptrdiff_t>(std::min(most, xs.size()));
  return fmt::format("{}{}", fmt::join(xs.begin(), end, ", "),
                     xs.size() > most ? fmt::format(" and {} more", xs.size() - most) : "");
}

} // namespace

child_texts child_versions(const config::settings& s) {
  constexpr std::string_view hang_timeout = "actors.supervision.hangTimeout"; // for neighbours' answers
  constexpr std::string_view any_certificate = "serversToMonitor.rejectUnauthorized";
  const section_texts v{s};
  child_texts result;

  auto publisher = v.of({"mqttConfig", "node", "actors.publishers", "actors.reconnect", hang_timeout},
                        {"mqttConfig.qos", "mqttConfig.retain", "mqttConfig.expiry", "mqttConfig.onChange",
                         "actors.publishers.count"});
  for (uint32_t i = 0; i < s.actors.publishers.count; ++i)
    result[fmt::format("delivery/publisher-{}", i + 1)] = publisher;
  result["delivery/outbox"] = {};
  if (s.delivery.mode != config::delivery_mode::memory) result["delivery/spool"] = {};
  if (s.ledger.interval.count() > 0)
    result["delivery/ledger"] =
        v.of({"ledger", "node", "mqttConfig.baseTopic", "mqttConfig.qos.state", "mqttConfig.retain.state"});

  if (s.home_assistant.enable)
    result["delivery/health"] =
        v.of({"node", "mqttConfig.baseTopic", "mqttConfig.qos.state", "mqttConfig.retain.state"});

  result["encoding/encoder"] = v.of({"actors.encoders.window"});

  std::string followed; // who sends, and which of them are servers
  if (follows_arrivals(s))
    followed = v.of({"insights.hosts", "serversToMonitor.servers", "userSessions.enableSessionExtract"});
  if (s.user_events.enable)
    result["ingest/user-events"] =
        v.of({"userEvents.udpServerConfig", "actors.reconnect", hang_timeout}) + followed;
  if (s.log_events.enabled())
    result["ingest/log-events"] =
        v.of({"logEvents.udpServerConfig", "actors.reconnect", hang_timeout}) + followed;

  if (s.admin.enable) result["admin/server"] = v.of({"admin", "actors.reconnect"}) + admin_version(s);

  if (auto analyst = analyst_version(s, v); !analyst.empty())
    result["insights/analyst"] = analyst + v.of({hang_timeout});

  if (s.cluster.enable) {
    auto& member = result["cluster/member"] = v.of({"cluster", "node"});
    std::set<std::string> names;
    for (const auto& x : s.monitor.servers) names.insert(x.name);
    for (const auto& x : names) member += x + '\n';
    result["cluster/channel"] =
        v.of({"cluster.name", "cluster.nodeId", "node", "mqttConfig", "actors.reconnect"},
             {"mqttConfig.qos", "mqttConfig.retain", "mqttConfig.expiry", "mqttConfig.onChange"});
    if (s.cluster.event_deduplication.enable)
      result["cluster/twins"] = v.of({"cluster.nodeId", "node", hang_timeout});
  }

  if (s.requests.enable)
    result["inbound/requests"] = v.of({"requests", "node", "mqttConfig.baseTopic", "logLevel", hang_timeout});
  if (hears_of_itself(s))
    result["inbound/namesake"] = v.of({"node", "delivery.spool.path", "mqttConfig.baseTopic",
                                       "mqttConfig.presence", "mqttConfig.lookAround.namesake"});
  // It looks once: only what leads it elsewhere makes it look again.
  if (s.mqtt.look_around.leftovers)
    result["inbound/leftovers"] =
        v.of({"node", "mqttConfig.baseTopic", "mqttConfig.brokerHost", "mqttConfig.brokerPort"});
  if (s.home_assistant.enable)
    result["inbound/home-assistant"] =
        v.of({"homeAssistant", "insights.silence.enable", "node", "mqttConfig.baseTopic",
              "mqttConfig.onChange.documented", "mqttConfig.onChange.refreshEvery", "ledger",
              "serversToMonitor.pollingInterval", "actors.pollers.timeout",
              "userEvents.sendToMQTT.postTo.everythingTopic"});
  if (const auto listens = listener_version(s); !listens.empty())
    result["inbound/listener"] =
        listens + v.of({"mqttConfig", "node", "actors.publishers.ackTimeout", "actors.reconnect"},
                       {"mqttConfig.qos", "mqttConfig.retain", "mqttConfig.expiry", "mqttConfig.onChange"});

  auto requests = v.of({"cert", any_certificate, "actors.pollers"}, {"actors.pollers.maxConnections"});
  if (s.app_names.enable) result["lookup/app-directory"] = v.of({"appNames"}) + requests;
  // Availability is published when it changes: where it goes to another topic, it has to be told anew.
  auto poller = v.of({"serversToMonitor.pollingInterval", "userSessions", hang_timeout,
                      "mqttConfig.baseTopic", "mqttConfig.retain.state", "layouts.documented"}) +
                requests;
  auto servers = v.of_servers(s.monitor.servers.size());
  for (size_t i = 0; i < servers.size(); ++i)
    result["polling/" + s.monitor.servers[i].name] = servers[i] + poller;
  return result;
}

config::load_result read(const configuration_source& source) {
  auto result = config::load(source.path, source.environment);
  if (source.log_level) result.value.log_level = *source.log_level;
  return result;
}

settings_change compare(const config::settings& running, const config::settings& file) {
  settings_change change;
  change.result = file;
  keep(running, change.result);
  auto was = values_of(running);
  auto is = values_of(change.result);
  auto wished = values_of(file);
  if (auto line = servers(running, change.result); !line.empty()) change.applied.push_back(std::move(line));
  if (auto names = differing(was, is); !names.empty())
    change.applied.push_back(fmt::format("settings: {}", fmt::join(names, ", ")));
  if (change.result.admin.enable && admin_version(running) != admin_version(change.result))
    change.applied.emplace_back("contents of the files of admin");
  const auto hidden = hidden_in(file);
  for (const auto& name : differing(is, wished)) {
    const auto runs = is.find(name), says = wished.find(name);
    const bool shown = hidden.count(name) == 0 && runs != is.end() && says != wished.end(); // no list
    change.restarting.push_back(
        shown ? fmt::format("{} (runs with {}, the file says {})", name, runs->second, says->second) : name);
  }
  change.gone = gone(running, change.result);
  return change;
}

reload_fact reloader::reload(std::string_view asked) {
  log::info("{}; reading {} again", asked, source_.path);
  auto result = try_reload();
  result.at = caf::make_timestamp();
  counters_.count("reloads_total", {{"result", result.result}});
  return result;
}

reload_fact reloader::try_reload() {
  auto loaded = read(source_);
  for (const auto& warning : loaded.warnings) log::warn("{}", to_string(warning));
  for (const auto& x : loaded.faults) log::error("{}", to_string(x));
  if (!loaded) {
    const auto n = loaded.faults.size();
    log::error("{} {} in the configuration; nothing was changed", n, n == 1 ? "fault" : "faults");
    return {{}, "faulty", to_string(loaded.faults.front())};
  }
  if (!loaded.value.mqtt.enable) {
    log::error("{}: Butler-SOS.mqttConfig.enable is not true; nothing was changed. To end the program, send "
               "SIGTERM",
               source_.path);
    return {{}, "faulty", source_.path + ": Butler-SOS.mqttConfig.enable is not true."};
  }
  auto change = compare(running_, loaded.value);
  for (const auto& line : change.restarting) log::warn("needs a restart: {}", line);
  if (change.applied.empty()) {
    log::info("no changes to apply");
    return {{}, "unchanged", "No changes to apply."};
  }
  log::set_threshold(log_options(change.result).threshold);
  follow_(change.result);
  running_ = std::move(change.result);
  for (const auto& line : change.applied) log::info("configuration applied, {}", line);
  if (!change.gone.empty())
    log::warn("no longer in the configuration, ended or back at the default: {}. If the file had not been "
              "written to its end yet, send SIGHUP again.",
              listed(change.gone));
  return {{}, "applied", fmt::format("Applied: {}.", fmt::join(change.applied, "; "))};
}

} // namespace senseflow::runtime
