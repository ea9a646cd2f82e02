// What travels with a message beside its payload, and what can travel at all.
#pragma once

#include "messages/publication.hpp"

#include <cstdint>
#include <string_view>

namespace senseflow::runtime {

/// `from` as user properties of MQTT 5; `sequence` and `origin` likewise if the message is JSON: Paho makes some
/// seventy allocations of them, and a poll becomes 22 messages that are not.
struct publish_properties {
  uint64_t sequence = 0;                      ///< of the publication: 1, 2, … in the order of acceptance
  std::string_view origin;                    ///< valid UTF-8
  uint32_t age_s = 0;                         ///< waited so long already: comes off the message's expiry
  bool awaited = false;                       ///< that it is delivered is to be told at once
  const messages::provenance* from = nullptr; ///< null: none
};

/// Topic, QoS and size are possible, whatever the broker allows.
bool fits_into_mqtt(const messages::mqtt_message& m);

} // namespace senseflow::runtime
