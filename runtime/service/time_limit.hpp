// What happens when something takes too long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace senseflow::runtime {

/// Calls `late` on a thread of its own unless it is destroyed in time.
class time_limit {
public:
  time_limit(std::chrono::milliseconds limit, std::function<void()> late)
      : thread_([this, limit, late = std::move(late)] {
          std::unique_lock lock{mutex_};
          if (!changed_.wait_for(lock, limit, [this] { return over_; })) late();
        }) {}
  ~time_limit() {
    {
      std::lock_guard lock{mutex_};
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  time_limit(const time_limit&) = delete;
  time_limit& operator=(const time_limit&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace senseflow::runtime
