// What a client has subscribed to, and what the broker sends because of it.
#pragma once

#include "runtime/mqtt/event_queue.hpp"

#include <MQTTAsync.h>
#include <mqtt/message.h>

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Tells the event queue of all that it hears. Outlives all connections that it is used with. Thread-safe.
class mqtt_subscriptions {
public:
  mqtt_subscriptions(const std::vector<mqtt_subscription>& wanted, mqtt_event_queue& to);

  bool any() const { return !requests_.empty(); }

  /// A connection is up: subscribes to everything, anew if need be. Called with Paho's lock held, and so are
  /// the answers.
  void begin(MQTTAsync connection, bool mqtt5, const std::string& broker);

  void received(const mqtt::message& m);

private:
  struct request {
    mqtt_subscriptions* owner;
    mqtt_subscription what;
  };
  static void answered(void* of_request, int reason);
  void note(const request& r, int reason);

  mqtt_event_queue& to_;
  std::vector<request> requests_; // Paho knows their addresses
  std::mutex mutex_;              // guards all below
  std::string broker_;
  size_t granted_ = 0; // over this connection
};

} // namespace senseflow::runtime
