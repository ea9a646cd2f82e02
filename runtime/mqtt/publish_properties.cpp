#include "runtime/mqtt/publish_properties.hpp"

#include <mqtt/properties.h>

#include <string>

namespace senseflow::runtime {
namespace {

// Of a variable byte integer.
size_t length_bytes(size_t n) { return n < 128 ? 1 : n < 16'384 ? 2 : n < 2'097'152 ? 3 : 4; }

} // namespace

mqtt::properties mqtt5_properties(const messages::mqtt_message& m, const publish_properties& p) {
  using mqtt::property;
  const auto text = [](std::string_view x) { return mqtt::string_ref(x.data(), x.size()); };
  mqtt::properties result;
  const auto add_user = [&](const char* name, std::string_view value) {
    result.add({property::USER_PROPERTY, mqtt::string_ref(name), text(value)});
  };
  result.add({property::PAYLOAD_FORMAT_INDICATOR, 1}); // UTF-8
  result.add({property::CONTENT_TYPE, text(m.json ? "application/json" : "text/plain")});
  if (m.expiry_s > 0) // 0 left would mean: for ever
    result.add({property::MESSAGE_EXPIRY_INTERVAL,
                static_cast<int32_t>(m.expiry_s > p.age_s ? m.expiry_s - p.age_s : 1)});
  if (!p.origin.empty()) add_user("origin", p.origin.substr(0, 65'535));
  add_user("sequence", std::to_string(p.sequence));
  add_user("schema", "1");
  return result;
}

bool fits_into_mqtt(const messages::mqtt_message& m) {
  constexpr size_t most = 268'435'455 - 70'000; // bytes after the fixed header, without MQTT 5's properties
  const auto topic = m.topic.view();
  return !topic.empty() && topic.size() <= 65'535 &&
         topic.find_first_of(std::string_view("+#\0", 3)) == topic.npos && m.qos <= 2 &&
         m.payload.size() <= most - topic.size() - 4;
}

size_t publish_packet_bytes(const messages::mqtt_message& m, bool mqtt5, const mqtt::properties& properties) {
  auto n = 2 + m.topic.size() + m.payload.size();
  if (m.qos > 0) n += 2;
  if (mqtt5) {
    const auto size = static_cast<size_t>(properties.c_struct().length); // without that length itself
    n += length_bytes(size) + size;
  }
  return 1 + length_bytes(n) + n;
}

} // namespace senseflow::runtime
