// A job on a thread of its own, for whoever may not wait for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace senseflow::runtime {

/// Runs the job once for each request; requests that come while it runs become one more run.
class on_request {
public:
  explicit on_request(std::function<void()> job);
  ~on_request(); ///< waits for the job

  on_request(const on_request&) = delete;
  on_request& operator=(const on_request&) = delete;

  void request(); ///< thread-safe, never waits

  /// The job does not begin any more. False: it has begun, and did not end in time.
  bool stop(std::chrono::milliseconds patience);

private:
  void run();

  const std::function<void()> job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
  bool running_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace senseflow::runtime
