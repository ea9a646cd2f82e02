// What an MQTT client has to tell, until it is taken.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "runtime/mqtt/in_flight.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace senseflow::runtime {

/// Thread-safe. Pushing wakes nobody: `wake_up` does, and is to be called without locks.
class mqtt_event_queue {
public:
  /// Wakes at once if something waits.
  void on_event(std::function<void()> wake);

  void push(mqtt_event x);
  void push(const mqtt_in_flight::lost& x);
  std::vector<mqtt_event> take();
  /// Deliveries worth a wake-up: a quarter of the window, or half of a small one. The rest keeps the connection
  /// busy meanwhile.
  bool holds_much(uint32_t window) const;

  /// Once, until the events are taken.
  void wake_up();
  void wake_up(std::unique_lock<std::mutex> releases) {
    releases.unlock();
    wake_up();
  }

private:
  mutable std::mutex mutex_; // guards all below
  std::vector<mqtt_event> events_;
  std::function<void()> wake_;
  bool woken_ = false; // `wake_` has been called since the last take
};

} // namespace senseflow::runtime
