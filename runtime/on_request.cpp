#include "runtime/on_request.hpp"

#include <utility>

namespace senseflow::runtime {

on_request::on_request(std::function<void()> job) : job_(std::move(job)), thread_([this] { run(); }) {}

on_request::~on_request() {
  stop(std::chrono::milliseconds{0});
  thread_.join();
}

void on_request::request() {
  const std::lock_guard lock{mutex_};
  requested_ = true;
  changed_.notify_all();
}

bool on_request::stop(std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  stopped_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [this] { return !running_; });
}

void on_request::run() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return requested_ || stopped_; });
    if (stopped_) return;
    requested_ = false;
    running_ = true;
    lock.unlock();
    job_();
    lock.lock();
    running_ = false;
    changed_.notify_all();
  }
}

} // namespace senseflow::runtime
