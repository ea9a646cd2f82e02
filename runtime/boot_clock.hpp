// The time since the machine was started, suspend included: what leases are counted with.
#pragma once

#include <chrono>
#include <ctime>

namespace senseflow::runtime {

/// As std::chrono's clocks. `steady_clock` stands still while the machine sleeps; a lease does not.
struct boot_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<boot_clock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_BOOTTIME, &t);
    return time_point{std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec)};
  }
};

} // namespace senseflow::runtime
