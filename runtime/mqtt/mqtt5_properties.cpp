#include "runtime/mqtt/mqtt5_properties.hpp"

#include <charconv>

namespace senseflow::runtime {
namespace {

// Of a variable byte integer.
size_t length_bytes(size_t n) { return n < 128 ? 1 : n < 16'384 ? 2 : n < 2'097'152 ? 3 : 4; }

// Paho only reads it.
MQTTLenString text_of(std::string_view x) {
  return {static_cast<int>(x.size()), const_cast<char*>(x.data())};
}

} // namespace

mqtt5_properties::mqtt5_properties(const messages::mqtt_message& m, const publish_properties& p) {
  list_.array = properties_.data();
  list_.max_count = static_cast<int>(properties_.size());
  add(MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR, 1).value.byte = 1; // UTF-8
  add_text(MQTTPROPERTY_CODE_CONTENT_TYPE, m.json ? "application/json" : "text/plain");
  if (m.expiry_s > 0) // 0 left would mean: for ever
    add(MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, 4).value.integer4 =
        m.expiry_s > p.age_s ? m.expiry_s - p.age_s : 1;
  if (m.json) { // a single value has its origin in its topic, and the next one replaces it
    if (!p.origin.empty()) add_user("origin", p.origin.substr(0, 65'535));
    if (p.sequence > 0) add_user("sequence", p.sequence, sequence_);
    add_user("schema", "1");
  }
  if (m.retain && !p.instance.empty()) add_user("instance", p.instance);
  if (!p.correlation.empty()) add_text(MQTTPROPERTY_CODE_CORRELATION_DATA, p.correlation.substr(0, 65'535));
  if (!p.from) return;
  if (p.from->node.size() > 0) add_user("node", p.from->node.view());
  if (p.from->epoch > 0) add_user("epoch", p.from->epoch, epoch_);
  if (p.from->event.size() > 0) add_user("event", p.from->event.view());
}

MQTTProperty& mqtt5_properties::add(MQTTPropertyCodes what, size_t bytes) {
  list_.length += static_cast<int>(1 + bytes);
  auto& result = properties_[static_cast<size_t>(list_.count++)];
  result.identifier = what;
  return result;
}

void mqtt5_properties::add_text(MQTTPropertyCodes what, std::string_view text) {
  add(what, 2 + text.size()).value.data = text_of(text);
}

void mqtt5_properties::add_user(std::string_view name, std::string_view value) {
  auto& x = add(MQTTPROPERTY_CODE_USER_PROPERTY, 4 + name.size() + value.size());
  x.value.data = text_of(name);
  x.value.value = text_of(value);
}

void mqtt5_properties::add_user(std::string_view name, uint64_t value, std::array<char, 20>& digits) {
  const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  add_user(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

size_t publish_packet_bytes(const messages::mqtt_message& m, bool mqtt5, size_t properties) {
  auto n = 2 + m.topic.size() + m.payload.size();
  if (m.qos > 0) n += 2;
  if (mqtt5) n += length_bytes(properties) + properties;
  return 1 + length_bytes(n) + n;
}

} // namespace senseflow::runtime
