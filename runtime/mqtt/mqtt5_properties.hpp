// The properties of a PUBLISH packet, as Paho's C library takes them.
#pragma once

#include "messages/publication.hpp"
#include "runtime/mqtt/publish_properties.hpp"

#include <MQTTProperties.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace senseflow::runtime {

/// Allocates nothing: refers to the texts that it was made of.
class mqtt5_properties {
public:
  mqtt5_properties(const messages::mqtt_message& m, const publish_properties& p);
  mqtt5_properties(const mqtt5_properties&) = delete;
  mqtt5_properties& operator=(const mqtt5_properties&) = delete;

  const MQTTProperties& list() const { return list_; }
  /// Bytes in the packet, without those of this length itself.
  size_t size() const { return static_cast<size_t>(list_.length); }

private:
  MQTTProperty& add(MQTTPropertyCodes what, size_t bytes);
  void add_text(MQTTPropertyCodes what, std::string_view text);
  void add_user(std::string_view name, std::string_view value);
  void add_user(std::string_view name, uint64_t value, std::array<char, 20>& digits);

  std::array<char, 20> sequence_{}; ///< in digits
  std::array<char, 20> epoch_{};
  std::array<MQTTProperty, 11> properties_{};
  MQTTProperties list_ = MQTTProperties_initializer;
};

/// Of the whole PUBLISH packet. `properties`: their bytes, with MQTT 5.
size_t publish_packet_bytes(const messages::mqtt_message& m, bool mqtt5, size_t properties);

} // namespace senseflow::runtime
