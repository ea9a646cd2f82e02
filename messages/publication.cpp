#include "messages/publication.hpp"

namespace senseflow::messages {

std::string_view to_string_view(item_class c) {
  switch (c) {
  case item_class::health:
    return "health";
  case item_class::sessions:
    return "sessions";
  case item_class::user_event:
    return "userevent";
  case item_class::log_event:
    return "logevent";
  case item_class::availability:
    return "availability";
  case item_class::server_event:
    return "serverevent";
  case item_class::node:
    return "node";
  case item_class::insight:
    return "insight";
  case item_class::insight_event:
    return "insightevent";
  }
  return "unknown";
}

bool operator==(const mqtt_message& a, const mqtt_message& b) {
  return a.topic == b.topic && a.payload == b.payload && a.qos == b.qos && a.retain == b.retain &&
         a.expiry_s == b.expiry_s && a.json == b.json && a.compared == b.compared;
}

bool operator==(const publication& a, const publication& b) {
  return a.cls == b.cls && a.origin == b.origin && a.replaces == b.replaces && a.messages == b.messages &&
         a.from == b.from;
}

size_t footprint(const publication& x) {
  // Topics of events are shared with the configuration; counting them all the same errs on the safe side.
  auto bytes = sizeof(publication) + x.origin.size() + x.replaces.size() + x.from.event.size();
  const std::string* counted = nullptr;
  for (const auto& m : x.messages) {
    bytes += sizeof(mqtt_message) + m.topic.size();
    if (m.payload.pointer().get() != counted) bytes += m.payload.size();
    counted = m.payload.pointer().get();
  }
  return bytes;
}

size_t lane_of(std::string_view origin, size_t lanes) {
  uint64_t hash = 0xcbf29ce484222325; // FNV-1a: lanes lie in the spool and have to be the same in every build
  for (char c : origin) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return lanes < 2 ? 0 : (hash ^ hash >> 32) % lanes;
}

} // namespace senseflow::messages
