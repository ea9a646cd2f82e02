// When the whole machine stood still: what a test of times must not blame the program for.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace senseflow::test {

/// A thread that wants to wake every 10 ms and notes when it came late. Thread-safe.
class stall_watch {
public:
  using clock = std::chrono::steady_clock;

  stall_watch() : thread_([this] { run(); }) {}
  ~stall_watch() {
    stop_ = true;
    thread_.join();
  }
  stall_watch(const stall_watch&) = delete;
  stall_watch& operator=(const stall_watch&) = delete;

  /// How much of this time was lost so.
  clock::duration between(clock::time_point from, clock::time_point to) const {
    std::lock_guard lock{mutex_};
    clock::duration result{0};
    for (const auto& [begin, end] : all_)
      result += std::max(clock::duration{0}, std::min(end, to) - std::max(begin, from));
    return result;
  }

private:
  static constexpr auto period = std::chrono::milliseconds(10);
  static constexpr auto shortest = std::chrono::milliseconds(100);

  void run() {
    auto last = clock::now();
    while (!stop_) {
      std::this_thread::sleep_for(period);
      const auto now = clock::now();
      if (now - last >= period + shortest) {
        std::lock_guard lock{mutex_};
        all_.emplace_back(last + period, now);
      }
      last = now;
    }
  }

  mutable std::mutex mutex_;
  std::vector<std::pair<clock::time_point, clock::time_point>> all_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace senseflow::test
