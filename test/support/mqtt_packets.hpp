// The packets of MQTT 5 and 3.1.1 as a broker reads and writes them, as far as publishers need them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace senseflow::test {

enum class mqtt_packet_type : uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth
};

struct mqtt_packet {
  uint8_t first = 0; ///< type and flags
  std::string body;  ///< all after the length

  mqtt_packet_type type() const { return static_cast<mqtt_packet_type>(first >> 4); }
};

/// Takes the first packet out of `bytes`, if it is complete. Throws std::runtime_error if it is none.
std::optional<mqtt_packet> take_packet(std::string& bytes);

/// Properties of MQTT 5 by their identifier: numbers of any size, texts and binary data, user properties.
struct mqtt_properties {
  enum id : uint8_t {
    message_expiry = 0x02,
    content_type = 0x08,
    session_expiry = 0x11,
    assigned_client_id = 0x12,
    server_keep_alive = 0x13,
    server_reference = 0x1c,
    reason_string = 0x1f,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    maximum_qos = 0x24,
    retain_available = 0x25,
    maximum_packet_size = 0x27
  };
  std::map<uint8_t, uint32_t> numbers = {};
  std::map<uint8_t, std::string> texts = {};
  std::map<std::string, std::string> user = {};
};

struct mqtt_publish {
  std::string topic;
  std::string payload;
  uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  uint16_t id = 0; ///< QoS 0 has none
  mqtt_properties properties = {};
};

struct mqtt_connect {
  uint8_t level = 5; ///< 4 is MQTT 3.1.1
  bool clean = true;
  uint16_t keep_alive = 0; ///< s
  std::string client_id;
  std::optional<mqtt_publish> will = {};
  std::string username;
  std::string password;
  mqtt_properties properties = {};
};

/// All of these throw std::runtime_error if the packet is not what its type says. `level`: of the connection.
mqtt_connect read_connect(const mqtt_packet& x);
mqtt_publish read_publish(const mqtt_packet& x, uint8_t level);
uint16_t read_packet_id(const mqtt_packet& x);
uint8_t read_disconnect(const mqtt_packet& x); ///< the reason code

/// MQTT 3.1.1 has no properties, and codes in CONNACK only.
std::string connack(uint8_t level, uint8_t code, bool session_present, const mqtt_properties& properties);
std::string acknowledgement(mqtt_packet_type type, uint8_t level, uint16_t id, uint8_t code);
std::string suback(uint8_t level, uint16_t id, uint8_t code); ///< to one filter
std::string publish(uint8_t level, const mqtt_publish& x);    ///< without its properties
std::string pingresp();
std::string disconnect(uint8_t code, const mqtt_properties& properties = {}); ///< MQTT 5

} // namespace senseflow::test
