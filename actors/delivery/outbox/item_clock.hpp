// What items are dated with: Unix time that does not jump when the wall clock is set.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace senseflow::actors {

/// Not thread-safe. Looks at the wall clock once, and goes on from there with the steady one.
class item_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `wall` is the wall clock; empty = the system's.
  explicit item_clock(std::function<int64_t()> wall) : wall_(wall ? std::move(wall) : &system_unix_ms) {}

  int64_t unix_ms(time_point now) {
    if (!start_) start_ = start{now, wall_()};
    return start_->unix_ms +
           std::chrono::duration_cast<std::chrono::milliseconds>(now - start_->when).count();
  }

  /// The date of an item that an earlier process wrote, by a wall clock that may have been wrong: one that
  /// can't be is taken for the start of this process.
  int64_t of_earlier(int64_t accepted_ms, time_point now) {
    constexpr int64_t never_set = 1'577'836'800'000; // 2020: there was no senseflow yet
    unix_ms(now);
    return accepted_ms < never_set ? start_->unix_ms : std::min(accepted_ms, start_->unix_ms);
  }

private:
  struct start {
    time_point when;
    int64_t unix_ms;
  };

  static int64_t system_unix_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }

  std::function<int64_t()> wall_;
  std::optional<start> start_;
};

} // namespace senseflow::actors
