// What a broker says when it accepts a connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mqtt {
class properties;
}

namespace senseflow::runtime {

/// What MQTT 3.1.1 can't say has MQTT 5's default. Texts are cleaned: one line, safe to log.
struct mqtt_connack {
  std::string broker;  ///< host:port
  std::string address; ///< that of the host which we are connected to; empty = there is only one
  bool mqtt5 = true;   ///< else 3.1.1
  bool session_present = false;
  uint32_t window = 0; ///< messages on their way at most: ours, or the broker's receive maximum if smaller
  uint16_t receive_maximum = 65535;
  uint32_t maximum_packet_size = 0; ///< bytes; 0 = any
  uint8_t maximum_qos = 2;
  bool retain_available = true;
  std::optional<std::chrono::seconds> keep_alive;     ///< instead of ours
  std::optional<std::chrono::seconds> session_expiry; ///< instead of ours
  std::string assigned_client_id, server_reference, reason;
};

/// All but broker, address, mqtt5, session_present and window.
mqtt_connack read_connack(const mqtt::properties& properties);

/// One line for the log.
std::string described(const mqtt_connack& x);

} // namespace senseflow::runtime
