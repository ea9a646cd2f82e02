// The MQTT 5 properties of a message to publish, and how large its packet becomes.
#pragma once

#include "messages/publication.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mqtt {
class properties;
}

namespace senseflow::runtime {

/// What travels with a message beside its payload (MQTT 5: as user properties).
struct publish_properties {
  uint64_t sequence = 0;   ///< of the publication: 1, 2, … in the order of acceptance
  std::string_view origin; ///< valid UTF-8
  uint32_t age_s = 0;      ///< waited so long already: comes off the message's expiry
};

mqtt::properties mqtt5_properties(const messages::mqtt_message& m, const publish_properties& p);

/// Topic, QoS and size are possible, whatever the broker allows.
bool fits_into_mqtt(const messages::mqtt_message& m);

/// Of the whole PUBLISH packet.
size_t publish_packet_bytes(const messages::mqtt_message& m, bool mqtt5, const mqtt::properties& properties);

} // namespace senseflow::runtime
