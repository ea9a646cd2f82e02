// A source of datagrams that the test fills by hand; behaves as the real one does towards its taker.
#pragma once

#include "runtime/udp/socket.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

/// Unbounded. `wake` is called on the test's thread. Thread-safe.
class fake_datagram_source final : public runtime::datagram_source {
public:
  std::vector<runtime::datagram> take(size_t max) override {
    std::lock_guard lock(mutex_);
    std::vector<runtime::datagram> result;
    while (result.size() < max && !waiting_.empty()) {
      result.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    if (result.size() < max) wake_wanted_ = true;
    ++takes_;
    return result;
  }

  void on_readable(std::function<void()> wake) override {
    std::unique_lock lock(mutex_);
    wake_ = std::move(wake);
    wake_wanted_ = true;
    if (!waiting_.empty() || !failure_.empty()) call_wake(std::move(lock));
  }

  runtime::datagram_counters counters() const override {
    std::lock_guard lock(mutex_);
    return counters_;
  }

  std::string failure() const override {
    std::lock_guard lock(mutex_);
    return failure_;
  }

  void stop() override {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }

  // --- the test's side ---

  /// Nothing arrives once it is stopped.
  void arrive(std::string bytes, std::string from = "127.0.0.1") {
    arrive_all({{std::move(bytes), std::move(from)}});
  }

  void arrive_all(std::vector<runtime::datagram> datagrams) {
    std::unique_lock lock(mutex_);
    if (stopped_) return;
    counters_.received += datagrams.size();
    std::move(datagrams.begin(), datagrams.end(), std::back_inserter(waiting_));
    if (wake_wanted_ && !waiting_.empty()) call_wake(std::move(lock));
  }

  /// What the kernel would have dropped.
  void drop(uint64_t n) {
    std::lock_guard lock(mutex_);
    counters_.kernel_drops += n;
  }

  void fail(std::string why) {
    std::unique_lock lock(mutex_);
    failure_ = std::move(why);
    call_wake(std::move(lock));
  }

  size_t waiting() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  size_t takes() const {
    std::lock_guard lock(mutex_);
    return takes_;
  }
  bool stopped() const {
    std::lock_guard lock(mutex_);
    return stopped_;
  }

private:
  void call_wake(std::unique_lock<std::mutex> lock) {
    const auto wake = wake_;
    if (!wake) return;
    wake_wanted_ = false;
    lock.unlock();
    wake();
  }

  mutable std::mutex mutex_;
  std::deque<runtime::datagram> waiting_;
  std::function<void()> wake_;
  bool wake_wanted_ = true;
  bool stopped_ = false;
  size_t takes_ = 0;
  std::string failure_;
  runtime::datagram_counters counters_;
};

} // namespace senseflow::test
