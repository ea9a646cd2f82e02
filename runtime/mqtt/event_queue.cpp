#include "runtime/mqtt/event_queue.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace senseflow::runtime {

void mqtt_event_queue::on_event(std::function<void()> wake) {
  {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    woken_ = false;
  }
  wake_up();
}

void mqtt_event_queue::push(mqtt_event x) {
  if (x.what == mqtt_event::kind::delivered) x.when = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  if (events_.capacity() == 0) events_.reserve(16); // they come in bulk
  events_.push_back(std::move(x));
}

void mqtt_event_queue::push(const mqtt_in_flight::lost& x) {
  std::lock_guard lock(mutex_);
  for (const auto token : x.failed) events_.push_back({mqtt_event::kind::failed, token});
  for (const auto token : x.unsent) events_.push_back({mqtt_event::kind::unsent, token});
}

void mqtt_event_queue::push_received(std::shared_ptr<const mqtt_received> m) {
  std::lock_guard lock(mutex_);
  const auto bytes = m->topic.size() + m->payload.size() + m->response_topic.size() + m->correlation.size();
  if (received_ >= mqtt_most_received || received_bytes_ + bytes > mqtt_most_received_bytes) {
    ++discarded_["queue_full"];
    return;
  }
  ++received_;
  received_bytes_ += bytes;
  mqtt_event x{mqtt_event::kind::received};
  x.message = std::move(m);
  x.when = std::chrono::steady_clock::now();
  events_.push_back(std::move(x));
}

void mqtt_event_queue::discarded(const std::string& reason) {
  std::lock_guard lock(mutex_);
  ++discarded_[reason];
}

std::vector<mqtt_event> mqtt_event_queue::take() {
  std::lock_guard lock(mutex_);
  woken_ = false;
  received_ = received_bytes_ = 0;
  for (const auto& [reason, n] : discarded_) events_.push_back({mqtt_event::kind::discarded, n, reason});
  discarded_.clear();
  return std::exchange(events_, {});
}

bool mqtt_event_queue::holds_much(uint32_t window) const {
  std::lock_guard lock(mutex_);
  return events_.size() >= std::max(window / 4, std::min(window / 2, 16u));
}

void mqtt_event_queue::wake_up() {
  std::unique_lock lock(mutex_);
  if (woken_ || (events_.empty() && discarded_.empty()) || !wake_) return;
  woken_ = true;
  const auto wake = wake_;
  lock.unlock();
  wake();
}

} // namespace senseflow::runtime
