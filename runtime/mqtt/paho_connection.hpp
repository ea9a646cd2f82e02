// One client of Paho's C++ library.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "runtime/mqtt/paho_connect_options.hpp"
#include "runtime/mqtt/paho_errors.hpp"
#include "runtime/mqtt/session_store.hpp"
#include "runtime/mqtt/subscriptions.hpp"

#include <mqtt/async_client.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// For one attempt to connect and the connection it brings. Destroying it closes the connection (without a
/// will) and waits for callbacks under way; none comes later, but those that end the messages on their way
/// as `not_written`.
class paho_connection {
public:
  static constexpr int not_written = -1; ///< in place of a reason

  /// Called with Paho's lock held, on Paho's threads or on the destroying one. May call `publish`.
  struct listener {
    virtual ~listener() = default;
    virtual void connected(uint64_t connection, const mqtt_connack& x) = 0;
    virtual void connect_failed(uint64_t connection, const paho_failure& f) = 0;
    /// It was up; why it ended, if that is known.
    virtual void ended(uint64_t connection, const std::optional<mqtt_dismissal>& d) = 0;
    /// What was published, at most once. `reason`: 0 or, with MQTT 5, that of PUBACK or PUBREC.
    virtual void message_ended(uint64_t connection, uint64_t serial, int reason) = 0;
    /// Each PUBCOMP, before `message_ended`; only with a store.
    virtual void acknowledged(uint64_t connection, int packet_id) = 0;
  };

  /// With a store it continues the session that is there. Throws std::runtime_error if Paho makes no client
  /// of the options. Without subscriptions what the broker sends is discarded.
  paho_connection(listener& l, uint64_t number, const mqtt_options& o, const mqtt_brokers::target& to,
                  mqtt_session_store* store, mqtt_subscriptions* subscriptions = nullptr);
  paho_connection(const paho_connection&) = delete;
  paho_connection& operator=(const paho_connection&) = delete;

  /// Starts to connect, once; false if Paho does not even start.
  bool connect(const mqtt_options& o, const mqtt_brokers::target& to, bool clean);

  struct published {
    int code = 0;      ///< Paho's
    int packet_id = 0; ///< QoS 0 has none
  };
  /// With the code MQTTASYNC_SUCCESS `message_ended` follows for `serial`, within the call at the earliest.
  published publish(uint64_t serial, const std::string& topic, const std::string& payload, uint8_t qos,
                    bool retain, const MQTTProperties& properties = MQTTProperties_initializer);

  /// Presence, retained and with QoS 1 as far as the broker takes that; false if it is not even sent.
  bool announce(uint64_t serial, const std::string& topic, const char* what, const mqtt_connack& limits);

  /// It is up.
  void subscribe();

  /// Messages that the broker has sent us though we are no subscriber; they are discarded.
  struct unsolicited {
    uint64_t messages = 0;
    std::string topic; ///< of the first; cleaned
  };
  /// Those since the last call.
  unsolicited take_unsolicited();

  bool is_connected() const { return paho_.is_connected(); }

  /// Ends the session, too, unless it is kept; returns when that is done, failed, or not done by `deadline`.
  void disconnect(std::chrono::steady_clock::time_point deadline, bool keeps_session = false);

private:
  struct attempt final : mqtt::iaction_listener {
    explicit attempt(paho_connection& o) : owner(o) {}
    void on_success(const mqtt::token& t) override;
    void on_failure(const mqtt::token& t) override;
    paho_connection& owner;
  };

  struct delivery {
    paho_connection* owner;
    uint64_t serial;
  };
  delivery* begin(uint64_t serial);
  static void end(void* of_delivery, int reason);

  listener& listener_;
  const uint64_t number_;
  const bool mqtt5_;
  const std::string broker_;
  const std::string instance_;
  mqtt_session_store* const store_;
  mqtt_subscriptions* const subscriptions_; // null: none
  bool up_ = false;
  std::optional<mqtt_dismissal> dismissal_; // before it was up
  std::mutex mutex_;                        // guards the next three
  unsolicited unsolicited_;
  std::deque<delivery> deliveries_; // what Paho is told of a message: as many as were on their way at a time
  std::vector<delivery*> spare_;    // of these
  attempt attempt_;
  mqtt::async_client paho_; // the last: its end calls the others
};

} // namespace senseflow::runtime
