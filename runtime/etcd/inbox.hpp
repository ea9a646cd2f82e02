// What others want done on the client's thread.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace senseflow::runtime {

/// Thread-safe; outlives the thread in the hands of those who may still call.
class etcd_inbox {
public:
  using job = std::function<void()>;

  /// `wake` is called with the lock held, until `close`.
  void open(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  /// From now on jobs are dropped.
  void close() {
    std::vector<job> dropped;
    std::lock_guard lock(mutex_);
    wake_ = nullptr;
    dropped.swap(jobs_);
  }

  void add(job x) {
    std::lock_guard lock(mutex_);
    if (!wake_) return;
    jobs_.push_back(std::move(x));
    wake_();
  }
  std::vector<job> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(jobs_, {});
  }

private:
  std::mutex mutex_; // guards all below
  std::function<void()> wake_;
  std::vector<job> jobs_;
};

} // namespace senseflow::runtime
