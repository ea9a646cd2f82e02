// What an MQTT client has to tell, until it is taken.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "runtime/mqtt/in_flight.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Thread-safe. Pushing wakes nobody: `wake_up` does, and is to be called without locks.
class mqtt_event_queue {
public:
  /// Wakes at once if something waits.
  void on_event(std::function<void()> wake);

  void push(mqtt_event x);
  void push(const mqtt_in_flight::lost& x);
  /// Bounded: what is too much is discarded.
  void push_received(std::shared_ptr<const mqtt_received> m);
  void discarded(const std::string& reason);
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
  size_t received_ = 0, received_bytes_ = 0;  // of these
  std::map<std::string, uint64_t> discarded_; // by reason, since the last take
  std::function<void()> wake_;
  bool woken_ = false; // `wake_` has been called since the last take
};

} // namespace senseflow::runtime
