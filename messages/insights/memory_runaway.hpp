// Engines that are about to run out of memory, and the apps that were loaded meanwhile.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/memory_trend.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

struct memory_runaway_options {
  std::set<std::string> servers;
  double limit = 0; ///< MB; 0 = what the engine has and what is free
  memory_trend_options trend;
  std::chrono::milliseconds poll_interval{30000};
  std::chrono::milliseconds interval{60000}; ///< between two publications while there is no alarm, at least
  /// The name of the app with this id; "" if it is not known.
  std::function<std::string(std::string_view id)> app_name;
};

/// `health/<server>/memory`: when an alarm begins or ends and with each poll while it lasts, else now and then. An
/// alarm ends with the third poll in a row that gives no reason for it, or when polls have failed for long.
/// Counts: `memory_alarms_total{server}`.
class memory_runaway : public analysis {
public:
  explicit memory_runaway(memory_runaway_options o) : options_(std::move(o)) {}

  void observe(const item_list& items, const moment& now) override;
  void tick(const moment& now, findings& to) override;

  /// All that is known of servers that are still there.
  void inherit(analysis& former) override;

private:
  struct engine {
    polled_by by;
    std::string started;
    memory_trend trend;
    memory_outlook outlook;
    std::map<std::string, moment> apps; ///< in memory, and since when it was seen there
    moment polled, alarm_since;
    bool alarm = false, told = false, news = true;
    uint32_t calm = 0, begun = 0; ///< polls without a reason; alarms since the last tick
    std::chrono::steady_clock::time_point next{};
  };

  void see(engine& to, const health_sample& x, const moment& now);
  void see_apps(engine& to, const health_sample& x, const moment& now);
  void judge(engine& x, const moment& now);
  /// With names, if they are known; the last loaded first.
  std::vector<std::pair<std::string, moment>> loaded_meanwhile(const engine& x) const;
  insight document(const std::string& server, const engine& x, const moment& now) const;
  alarm alarm_of(const std::string& server, const engine& x) const;

  memory_runaway_options options_;
  std::map<std::string, engine> engines_;
};

} // namespace senseflow::messages::insights
