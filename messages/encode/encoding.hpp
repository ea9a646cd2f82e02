// What the encoders have in common. An encoder is a pure function: item and options in, publication out.
#pragma once

#include "messages/items/polled_by.hpp"
#include "messages/publication.hpp"
#include "messages/text/json_writer.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

namespace senseflow::messages {

/// A rule of the configuration keeps the item from being published. `reason` is a short fixed word:
/// excluded_user, source_disabled, categorise_drop, performance_filter, no_topic.
struct filtered {
  std::string_view reason;
};

using encoded = std::variant<publication, filtered>;

/// How the messages of a class are delivered. What the reference publishes is never retained: `retain` is
/// for the documented layout only.
struct delivery_options {
  uint8_t qos = 0;
  bool retain = false;
  uint32_t expiry_s = 0;
};

/// In a cluster, after the time: who has polled, and by which right.
inline void add_poller(json_writer& out, const polled_by& by) {
  if (!by.node.empty()) out.key("node").text(by.node);
  if (by.epoch > 0) out.key("epoch").integer(static_cast<int64_t>(by.epoch));
}
inline provenance provenance_of(const polled_by& by) {
  return {by.node.empty() ? shared_text{} : shared_text{by.node}, by.epoch, {}};
}

/// Where events go. Topics of the documented layout get a `timestamp` in their payload, the time of arrival;
/// topics that the user names get exactly what the reference publishes.
struct event_topic {
  shared_text topic; ///< "" = off
  bool documented = false;
};

inline mqtt_message make_message(shared_text topic, shared_text payload, const delivery_options& delivery,
                                 bool documented, bool json = true, measure compared = measure::none) {
  return {std::move(topic),  std::move(payload),
          delivery.qos,      documented && delivery.retain,
          delivery.expiry_s, json,
          compared};
}

} // namespace senseflow::messages
