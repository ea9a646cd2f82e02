// Which changes of something that comes and goes get a line in the log.
#pragma once

#include "runtime/log.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::runtime::log {

/// Begins as well. Not thread-safe. Time is the caller's.
class changes {
public:
  explicit changes(std::chrono::nanoseconds interval = std::chrono::minutes(1)) : limits_(interval) {}

  /// Whether this ("" = all is well) is to be told now: it's not what was told last, and the last line of its
  /// cause is an interval ago. Ask each time: what is held back is told as soon as may be, if it lasts.
  bool is_news(std::string_view trouble, std::chrono::steady_clock::time_point now);

  /// " (changed N times since the last line)", or nothing if it was just this once.
  std::string suffix() const;

private:
  cause_limiter limits_;
  std::string told_, latest_; ///< trouble, empty = well
  uint64_t untold_ = 0;       ///< changes since the last line
  uint64_t reported_ = 0;
};

} // namespace senseflow::runtime::log
