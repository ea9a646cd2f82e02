// A thread for what may block for ever: a disk that does not answer, say.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace senseflow::runtime {

/// Thread-safe. One job at a time; whoever gives one does not wait for it.
class worker {
public:
  using job = std::function<void()>; ///< must not throw; want of memory stops it before it begins only

  virtual ~worker() = default;

  /// The job begins when the one before it has ended. Only one waits: a newer one takes its place.
  virtual void run(job x) = 0;
};

class worker_thread : public worker {
public:
  worker_thread();
  /// Leaves a job that has not ended to itself, and the thread with it. Otherwise the thread has ended, with all
  /// that libraries keep for it, which must not go beside the end of the process.
  ~worker_thread() override;
  worker_thread(const worker_thread&) = delete;
  worker_thread& operator=(const worker_thread&) = delete;

  void run(job x) override;

  /// True when all jobs have ended; false when time is up.
  bool idle(std::chrono::milliseconds within) const;

  /// Bytes that it has read and written so far, as the kernel counts them: a sign of life. None: unknown.
  std::optional<uint64_t> bytes_moved() const;

private:
  struct state;
  std::shared_ptr<state> state_; ///< the thread's, too: it may outlive this object
  std::thread thread_;
};

} // namespace senseflow::runtime
