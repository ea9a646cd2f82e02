#include "runtime/mqtt/connack.hpp"

#include "runtime/mqtt/reasons.hpp"

#include <fmt/format.h>
#include <mqtt/properties.h>

namespace senseflow::runtime {

mqtt_connack read_connack(const mqtt::properties& properties) {
  using code = mqtt::property;
  mqtt_connack x;
  const auto read = [&](mqtt::property::code c, auto kind, auto&& use) {
    if (properties.contains(c)) use(mqtt::get<decltype(kind)>(properties, c));
  };
  const auto read_text = [&](mqtt::property::code c, std::string& to) {
    read(c, std::string(), [&](const std::string& text) { to = cleaned(text.data(), text.size()); });
  };
  read(code::RECEIVE_MAXIMUM, uint16_t(), [&](auto n) { x.receive_maximum = n; });
  read(code::MAXIMUM_PACKET_SIZE, uint32_t(), [&](auto n) { x.maximum_packet_size = n; });
  read(code::MAXIMUM_QOS, uint8_t(), [&](auto n) { x.maximum_qos = n; });
  read(code::RETAIN_AVAILABLE, uint8_t(), [&](auto n) { x.retain_available = n != 0; });
  read(code::SERVER_KEEP_ALIVE, uint16_t(), [&](auto n) { x.keep_alive.emplace(n); });
  read(code::SESSION_EXPIRY_INTERVAL, uint32_t(), [&](auto n) { x.session_expiry.emplace(n); });
  read_text(code::ASSIGNED_CLIENT_IDENTIFER, x.assigned_client_id);
  read_text(code::SERVER_REFERENCE, x.server_reference);
  read_text(code::REASON_STRING, x.reason);
  return x;
}

std::string described(const mqtt_connack& x) {
  auto result = x.broker;
  if (!x.address.empty()) result += fmt::format(" at {}", x.address);
  result += x.mqtt5 ? ", MQTT 5" : ", MQTT 3.1.1";
  if (x.session_present) result += ", session resumed";
  if (x.receive_maximum < 65535) result += fmt::format(", receive maximum {}", x.receive_maximum);
  if (x.maximum_packet_size > 0) result += fmt::format(", at most {} bytes each", x.maximum_packet_size);
  if (x.maximum_qos < 2) result += fmt::format(", QoS {} at most: higher ones are lowered", x.maximum_qos);
  if (!x.retain_available) result += ", keeps no retained messages: published without";
  if (x.keep_alive) result += fmt::format(", keep alive {} s", x.keep_alive->count());
  if (!x.assigned_client_id.empty()) result += fmt::format(", client id \"{}\"", x.assigned_client_id);
  if (!x.reason.empty()) result += fmt::format(", it says \"{}\"", x.reason);
  return result;
}

} // namespace senseflow::runtime
