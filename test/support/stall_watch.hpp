// When the machine stalled: a thread that only looks at the clock was not let run. What a test says about
// times is about the program, not about the machine it runs on.
#pragma once

#include "test/support/eventually.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace senseflow::test {

/// Thread-safe.
class stall_watch {
public:
  using clock = std::chrono::steady_clock;

  /// Begins with the first call.
  static const stall_watch& here() {
    static const stall_watch result;
    return result;
  }
  stall_watch(const stall_watch&) = delete;
  stall_watch& operator=(const stall_watch&) = delete;

  /// For how long in all, between these times.
  clock::duration between(clock::time_point from, clock::time_point to) const {
    std::lock_guard lock{mutex_};
    clock::duration result{};
    const auto add = [&](const auto& x) {
      const auto first = std::max(from, x.first), last = std::min(to, x.second);
      if (first < last) result += last - first;
    };
    for (const auto& x : stalls_) add(x);
    if (const auto now = clock::now(); now - seen_ > tolerated)
      add(std::pair{seen_, now}); // it may be one just now
    return result;
  }

private:
  static constexpr std::chrono::milliseconds step{10}, tolerated{50};

  stall_watch() : thread_([this] { watch(); }) {}
  ~stall_watch() {
    std::unique_lock lock{mutex_};
    over_ = true;
    lock.unlock();
    changed_.notify_all();
    thread_.join();
  }

  void watch() {
    std::unique_lock lock{mutex_};
    while (!changed_.wait_for(lock, step, [this] { return over_; })) {
      const auto now = clock::now();
      if (now - seen_ > tolerated) stalls_.emplace_back(seen_, now);
      seen_ = now;
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<clock::time_point, clock::time_point>> stalls_;
  clock::time_point seen_ = clock::now(); ///< the last time it ran
  bool over_ = false;
  std::thread thread_;
};

/// Time that passes while the machine does not stall.
class fair_stopwatch {
public:
  using clock = stall_watch::clock;

  fair_stopwatch() { stall_watch::here(); }

  clock::duration stalled() const { return stall_watch::here().between(began_, clock::now()); }
  clock::duration passed() const { return clock::now() - began_ - stalled(); }

private:
  const clock::time_point began_ = clock::now();
};

/// Like `eventually`, but the time of stalls does not count: for what is to be there soon.
template <class Condition>
bool soon(Condition condition, std::chrono::milliseconds within,
          std::chrono::milliseconds every = std::chrono::milliseconds(10)) {
  const fair_stopwatch time;
  bool result = false;
  eventually([&] { return (result = condition()) || time.passed() >= within * slowdown; },
             within + std::chrono::minutes(1), every);
  return result;
}

} // namespace senseflow::test
