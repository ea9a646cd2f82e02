#include "runtime/mqtt/publish_properties.hpp"

namespace senseflow::runtime {

bool fits_into_mqtt(const messages::mqtt_message& m) {
  constexpr size_t most = 268'435'455 - 70'000; // bytes after the fixed header, without MQTT 5's properties
  const auto topic = m.topic.view();
  return !topic.empty() && topic.size() <= 65'535 &&
         topic.find_first_of(std::string_view("+#\0", 3)) == topic.npos && m.qos <= 2 &&
         m.payload.size() <= most - topic.size() - 4;
}

} // namespace senseflow::runtime
