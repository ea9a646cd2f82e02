// What one item (a sample or an event) becomes: the MQTT messages that carry it, delivered as one unit.
#pragma once

#include "messages/provenance.hpp"
#include "messages/shared_text.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace senseflow::messages {

/// The kinds of items; every item is accounted for under its class.
enum class item_class : uint8_t {
  health,
  sessions,
  user_event,
  log_event,
  availability,  ///< of a Sense server
  server_event,  ///< of a Sense server's engine
  node,          ///< what a node says of itself
  insight,       ///< what an analysis knows
  insight_event, ///< what it has noticed
};
inline constexpr size_t item_class_count = 9;

std::string_view to_string_view(item_class c);

/// State is only worth its newest value; events are all worth keeping.
constexpr bool is_state(item_class c) {
  return c == item_class::health || c == item_class::sessions || c == item_class::availability ||
         c == item_class::node || c == item_class::insight;
}

/// How a message of polled state is compared with the one sent before: see rules/sameness.
enum class measure : uint8_t {
  none,    ///< it is not: it always goes out
  text,    ///< by its whole payload
  cpu,     ///< a number, in percent
  memory,  ///< a number, in MB
  counter, ///< a number that grows
  dated,   ///< a JSON object: by all but its timestamp
  health   ///< likewise; its numbers as what they are
};

struct mqtt_message {
  shared_text topic;
  shared_text payload;
  uint8_t qos = 0; ///< 0, 1 or 2
  bool retain = false;
  uint32_t expiry_s = 0; ///< message expiry (MQTT 5); 0 = never
  bool json = false;     ///< the payload is JSON; else plain text (MQTT 5 says which)
  measure compared = measure::none;
};

bool operator==(const mqtt_message& a, const mqtt_message& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, mqtt_message& x) {
  return f(caf::meta::type_name("mqtt_message"), x.topic, x.payload, x.qos, x.retain, x.expiry_s, x.json,
           x.compared);
}

/// Published when the broker has acknowledged each of its messages.
struct publication {
  item_class cls = item_class::health;
  shared_text
      origin; ///< the event's host or the Sense server's name: messages of one origin keep their order
  shared_text replaces; ///< state only: a newer publication with the same text replaces a waiting one
  std::vector<mqtt_message> messages; ///< at least one
  provenance from;
};

bool operator==(const publication& a, const publication& b);

/// Memory that holds it, roughly, in bytes; used for the outbox's cap.
size_t footprint(const publication& x);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, publication& x) {
  return f(caf::meta::type_name("publication"), x.cls, x.origin, x.replaces, x.messages, x.from);
}

/// Which of `lanes` parallel ways items of this origin take: always the same one.
size_t lane_of(std::string_view origin, size_t lanes);

} // namespace senseflow::messages
