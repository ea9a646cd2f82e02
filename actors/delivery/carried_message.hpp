// A message as a connection carried it: what may be the reason for a broker to close.
#pragma once

#include "messages/publication.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace senseflow::actors {

struct carried_message {
  messages::item_class cls = messages::item_class::health;
  messages::shared_text topic;
  size_t bytes = 0; ///< of the payload
  uint8_t qos = 0;  ///< as it was sent
  bool retain = false;
  std::string reason = {}; ///< the broker refused it with this word, and acknowledged nothing after it
};

inline bool operator==(const carried_message& a, const carried_message& b) {
  return a.cls == b.cls && a.topic == b.topic && a.bytes == b.bytes && a.qos == b.qos &&
         a.retain == b.retain && a.reason == b.reason;
}

} // namespace senseflow::actors
