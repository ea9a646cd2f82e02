#include "runtime/service/reload.hpp"

#include "config/effective.hpp"
#include "runtime/log.hpp"
#include "runtime/service/options.hpp"
#include "runtime/service/versions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace senseflow::runtime {

namespace {

using values = std::map<std::string, std::string>;

values values_of(const config::settings& s) {
  values result;
  for (auto& x : config::effective(s)) result.emplace(std::move(x.path), std::move(x.value));
  return result;
}

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
  next.delivery = running.delivery;
  next.shutdown = running.shutdown; // the outbox was told its share
  next.actors.encoders.batch_max_items = running.actors.encoders.batch_max_items;
}

/// "servers: +new, -gone, ~changed"; empty if there are none.
std::string servers(const config::settings& before, const config::settings& after) {
  constexpr std::string_view branch = "polling/";
  std::vector<std::string> result;
  auto old = child_versions(before);
  auto now = child_versions(after);
  auto among = [](const config::settings& s, std::string_view name) {
    const auto& xs = s.monitor.servers;
    return std::any_of(xs.begin(), xs.end(), [&](const auto& x) { return x.name == name; });
  };
  auto add = [&](char sign, std::string_view name) { result.push_back(fmt::format("{}{}", sign, name)); };
  for (const auto& x : after.monitor.servers) {
    auto path = std::string{branch} + x.name;
    if (!among(before, x.name))
      add('+', x.name);
    else if (old.at(path) != now.at(path))
      add('~', x.name);
  }
  for (const auto& x : before.monitor.servers)
    if (!among(after, x.name)) add('-', x.name);
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

} // namespace

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
  for (const auto& name : differing(is, wished))
    change.restarting.push_back(
        fmt::format("{} (runs with {}, the file says {})", name, is.at(name), wished.at(name)));
  return change;
}

void reloader::reload() {
  log::info("SIGHUP: reading {} again", source_.path);
  auto result = try_reload();
  tree_.env().counters.count("reloads_total", {{"result", result}});
}

const char* reloader::try_reload() {
  auto loaded = read(source_);
  for (const auto& warning : loaded.warnings) log::warn("{}", to_string(warning));
  for (const auto& fault : loaded.faults) log::error("{}", to_string(fault));
  if (!loaded) {
    log::error("{} fault(s) in the configuration: nothing was changed", loaded.faults.size());
    return "faulty";
  }
  if (!loaded.value.mqtt.enable) {
    log::error("{}: Butler-SOS.mqttConfig.enable is not true: nothing was changed. To end the program, send "
               "SIGTERM",
               source_.path);
    return "faulty";
  }
  auto change = compare(running_, loaded.value);
  for (const auto& line : change.restarting) log::warn("needs a restart: {}", line);
  if (change.applied.empty()) {
    log::info("the configuration is applied already");
    return "unchanged";
  }
  log::set_threshold(log_options(change.result).threshold);
  tree_.follow(change.result);
  running_ = std::move(change.result);
  for (const auto& line : change.applied) log::info("configuration applied, {}", line);
  return "applied";
}

} // namespace senseflow::runtime
