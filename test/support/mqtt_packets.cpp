#include "test/support/mqtt_packets.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace senseflow::test {
namespace {

enum class kind : uint8_t { byte, two_bytes, four_bytes, variable, text, pair };

kind kind_of(uint8_t property) {
  switch (property) {
  case 0x01:
  case 0x17:
  case 0x19:
  case 0x24:
  case 0x25:
  case 0x28:
  case 0x29:
  case 0x2a:
    return kind::byte;
  case 0x13:
  case 0x21:
  case 0x22:
  case 0x23:
    return kind::two_bytes;
  case 0x02:
  case 0x11:
  case 0x18:
  case 0x27:
    return kind::four_bytes;
  case 0x0b:
    return kind::variable;
  case 0x26:
    return kind::pair;
  default:
    return kind::text;
  }
}

class reader {
public:
  explicit reader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view take(size_t n) {
    if (n > rest_.size()) throw std::runtime_error("an MQTT packet ends too early");
    const auto result = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return result;
  }
  uint32_t number(size_t bytes) {
    uint32_t result = 0;
    for (const unsigned char c : take(bytes)) result = result << 8 | c;
    return result;
  }
  uint32_t variable() {
    uint32_t result = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const auto byte = number(1);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    throw std::runtime_error("a length in an MQTT packet is too long");
  }
  std::string text() { return std::string(take(number(2))); }
  std::string_view rest() { return take(rest_.size()); }

  mqtt_properties properties() {
    mqtt_properties result;
    reader r(take(variable()));
    while (!r.at_end()) {
      const auto id = static_cast<uint8_t>(r.number(1));
      switch (kind_of(id)) {
      case kind::byte:
        result.numbers[id] = r.number(1);
        break;
      case kind::two_bytes:
        result.numbers[id] = r.number(2);
        break;
      case kind::four_bytes:
        result.numbers[id] = r.number(4);
        break;
      case kind::variable:
        result.numbers[id] = r.variable();
        break;
      case kind::text:
        result.texts[id] = r.text();
        break;
      case kind::pair: {
        auto name = r.text();
        result.user[std::move(name)] = r.text();
      }
      }
    }
    return result;
  }

private:
  std::string_view rest_;
};

void add_number(std::string& to, uint32_t x, size_t bytes) {
  while (bytes-- > 0) to += static_cast<char>(x >> (8 * bytes));
}

void add_variable(std::string& to, size_t x) {
  do {
    to += static_cast<char>((x & 0x7f) | (x > 0x7f ? 0x80 : 0));
    x >>= 7;
  } while (x > 0);
}

void add_text(std::string& to, std::string_view x) {
  add_number(to, static_cast<uint32_t>(x.size()), 2);
  to += x;
}

void add_properties(std::string& to, const mqtt_properties& x) {
  std::string all;
  for (const auto& [id, number] : x.numbers) {
    all += static_cast<char>(id);
    const auto k = kind_of(id);
    if (k == kind::variable)
      add_variable(all, number);
    else
      add_number(all, number, k == kind::byte ? 1 : k == kind::two_bytes ? 2 : 4);
  }
  for (const auto& [id, text] : x.texts) {
    all += static_cast<char>(id);
    add_text(all, text);
  }
  for (const auto& [name, value] : x.user) {
    all += '\x26';
    add_text(all, name);
    add_text(all, value);
  }
  add_variable(to, all.size());
  to += all;
}

std::string packet(mqtt_packet_type type, const std::string& body) {
  std::string result(1, static_cast<char>(static_cast<uint8_t>(type) << 4));
  if (type == mqtt_packet_type::pubrel) result.front() |= 0x02;
  add_variable(result, body.size());
  return result + body;
}

} // namespace

std::optional<mqtt_packet> take_packet(std::string& bytes) {
  size_t size = 0, at = 1;
  for (int shift = 0;; shift += 7, ++at) {
    if (shift > 21) throw std::runtime_error("the length of an MQTT packet is too long");
    if (at >= bytes.size()) return {};
    const auto byte = static_cast<unsigned char>(bytes[at]);
    size |= static_cast<size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  ++at;
  if (bytes.size() - at < size) return {};
  mqtt_packet result{static_cast<uint8_t>(bytes.front()), bytes.substr(at, size)};
  bytes.erase(0, at + size);
  return result;
}

mqtt_connect read_connect(const mqtt_packet& x) {
  reader r(x.body);
  mqtt_connect result;
  if (r.text() != "MQTT") throw std::runtime_error("a CONNECT without MQTT");
  result.level = static_cast<uint8_t>(r.number(1));
  const auto flags = r.number(1);
  result.clean = (flags & 0x02) != 0;
  result.keep_alive = static_cast<uint16_t>(r.number(2));
  if (result.level >= 5) result.properties = r.properties();
  result.client_id = r.text();
  if ((flags & 0x04) != 0) {
    mqtt_publish will;
    if (result.level >= 5) will.properties = r.properties();
    will.topic = r.text();
    will.payload = r.text();
    will.qos = static_cast<uint8_t>(flags >> 3 & 3);
    will.retain = (flags & 0x20) != 0;
    result.will = std::move(will);
  }
  if ((flags & 0x80) != 0) result.username = r.text();
  if ((flags & 0x40) != 0) result.password = r.text();
  return result;
}

mqtt_publish read_publish(const mqtt_packet& x, uint8_t level) {
  reader r(x.body);
  mqtt_publish result;
  result.dup = (x.first & 0x08) != 0;
  result.qos = static_cast<uint8_t>(x.first >> 1 & 3);
  result.retain = (x.first & 0x01) != 0;
  result.topic = r.text();
  if (result.qos > 0) result.id = static_cast<uint16_t>(r.number(2));
  if (level >= 5) result.properties = r.properties();
  result.payload = r.rest();
  return result;
}

uint16_t read_packet_id(const mqtt_packet& x) { return static_cast<uint16_t>(reader(x.body).number(2)); }

uint8_t read_disconnect(const mqtt_packet& x) {
  return x.body.empty() ? uint8_t{0} : static_cast<uint8_t>(x.body.front());
}

std::string connack(uint8_t level, uint8_t code, bool session_present, const mqtt_properties& properties) {
  std::string body{session_present && code == 0 ? '\1' : '\0', static_cast<char>(code)};
  if (level >= 5) add_properties(body, properties);
  return packet(mqtt_packet_type::connack, body);
}

std::string acknowledgement(mqtt_packet_type type, uint8_t level, uint16_t id, uint8_t code) {
  std::string body;
  add_number(body, id, 2);
  if (level >= 5 && code != 0) body += static_cast<char>(code);
  return packet(type, body);
}

std::string suback(uint8_t level, uint16_t id, uint8_t code) {
  std::string body;
  add_number(body, id, 2);
  if (level >= 5) add_properties(body, {});
  body += static_cast<char>(code);
  return packet(mqtt_packet_type::suback, body);
}

std::string publish(uint8_t level, const mqtt_publish& x) {
  std::string body;
  add_text(body, x.topic);
  if (x.qos > 0) add_number(body, x.id, 2);
  if (level >= 5) add_properties(body, {});
  auto result = packet(mqtt_packet_type::publish, body + x.payload);
  result.front() = static_cast<char>(result.front() | x.qos << 1 | (x.retain ? 1 : 0));
  return result;
}

std::string pingresp() { return packet(mqtt_packet_type::pingresp, {}); }

std::string disconnect(uint8_t code, const mqtt_properties& properties) {
  std::string body(1, static_cast<char>(code));
  add_properties(body, properties);
  return packet(mqtt_packet_type::disconnect, body);
}

} // namespace senseflow::test
