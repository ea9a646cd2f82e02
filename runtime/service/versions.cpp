#include "runtime/service/versions.hpp"

#include "config/effective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

namespace {

using sections = std::vector<std::string_view>;

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool below(std::string_view path, std::string_view section) {
  return starts_with(path, section) && (path.size() == section.size() || path[section.size()] == '.');
}

class versions {
public:
  explicit versions(const config::settings& s) : all_(config::effective(s)) {}

  /// Whole sections rather than single settings: a setting that is new there is not forgotten here.
  std::string of(const sections& some, const sections& but = {}) const {
    auto any = [](const sections& xs, std::string_view path) {
      return std::any_of(xs.begin(), xs.end(), [&](auto x) { return below(path, x); });
    };
    std::string result;
    for (const auto& x : all_)
      if (any(some, x.path) && !any(but, x.path)) result += x.path + ": " + x.value + '\n';
    return result;
  }

  /// Without its index: other servers may come and go before it.
  std::string of_server(size_t index) const {
    auto start = fmt::format("serversToMonitor.servers[{}]", index);
    std::string result;
    for (const auto& x : all_)
      if (starts_with(x.path, start)) result += x.path.substr(start.size()) + ": " + x.value + '\n';
    return result;
  }

private:
  std::vector<config::effective_setting> all_;
};

} // namespace

std::map<std::string, std::string> child_versions(const config::settings& s) {
  constexpr std::string_view hang_timeout = "actors.supervision.hangTimeout"; // for neighbours' answers
  constexpr std::string_view any_certificate = "serversToMonitor.rejectUnauthorized";
  versions v{s};
  std::map<std::string, std::string> result;

  auto publisher =
      v.of({"mqttConfig", "node", "actors.publishers", "actors.reconnect", hang_timeout},
           {"mqttConfig.qos", "mqttConfig.retain", "mqttConfig.expiry", "actors.publishers.count"});
  for (uint32_t i = 0; i < s.actors.publishers.count; ++i)
    result[fmt::format("delivery/publisher-{}", i + 1)] = publisher;
  result["delivery/outbox"] = {};
  if (s.delivery.mode != config::delivery_mode::memory) result["delivery/spool"] = {};
  if (s.ledger.interval.count() > 0)
    result["delivery/ledger"] =
        v.of({"ledger", "node", "mqttConfig.baseTopic", "mqttConfig.qos.state", "mqttConfig.retain.state"});

  result["encoding/encoder"] = v.of({"actors.encoders.window"});

  if (s.user_events.enable)
    result["ingest/user-events"] = v.of({"userEvents.udpServerConfig", "actors.reconnect", hang_timeout});
  if (s.log_events.enabled())
    result["ingest/log-events"] = v.of({"logEvents.udpServerConfig", "actors.reconnect", hang_timeout});

  auto requests = v.of({"cert", any_certificate, "actors.pollers"}, {"actors.pollers.maxConnections"});
  if (s.app_names.enable) result["polling/app-directory"] = v.of({"appNames"}) + requests;
  // Availability is published when it changes: where it goes to another topic, it has to be told anew.
  auto poller = v.of({"serversToMonitor.pollingInterval", "userSessions", hang_timeout,
                      "mqttConfig.baseTopic", "mqttConfig.retain.state", "layouts.documented"}) +
                requests;
  for (size_t i = 0; i < s.monitor.servers.size(); ++i)
    result["polling/" + s.monitor.servers[i].name] = v.of_server(i) + poller;
  return result;
}

} // namespace senseflow::runtime
