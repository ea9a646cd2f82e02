// Between the outbox and its publishers: publications to the right; demand and settlements to the left.
#pragma once

#include "messages/publication.hpp"
#include "messages/shared.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::messages {

/// A publication on its way; `id` counts from 1 in the order of acceptance and is never reused.
struct outgoing {
  uint64_t id = 0;
  shared<publication> content;
  uint32_t age_s = 0;   ///< since it was accepted: a part of its expiry that has passed
  uint64_t arrived = 0; ///< bit n: its message n was acknowledged in an earlier attempt
};
inline bool operator==(const outgoing& a, const outgoing& b) {
  return a.id == b.id && a.content == b.content && a.age_s == b.age_s && a.arrived == b.arrived;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, outgoing& x) {
  return f(caf::meta::type_name("outgoing"), x.id, x.content, x.age_s, x.arrived);
}

/// Outbox -> publisher, never more MQTT messages than the publisher's demand (but at least one publication).
struct delivery_batch {
  std::vector<outgoing> items;
};
inline bool operator==(const delivery_batch& a, const delivery_batch& b) { return a.items == b.items; }
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delivery_batch& x) {
  return f(caf::meta::type_name("delivery_batch"), x.items);
}

enum class outcome : uint8_t {
  acknowledged, ///< PUBACK, PUBCOMP
  written,      ///< to the socket: with QoS 0 no more is known
  refused,      ///< the broker will never take it
  returned,     ///< sent, but the connection ended before the acknowledgement: the outbox sends it again
  not_sent      ///< never left: the outbox sends it again
};

/// What became of one message of a publication.
struct message_outcome {
  outcome result = outcome::not_sent;
  std::string reason = {}; ///< refused: a short fixed word
};
inline bool operator==(const message_outcome& a, const message_outcome& b) {
  return a.result == b.result && a.reason == b.reason;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, message_outcome& x) {
  return f(caf::meta::type_name("message_outcome"), x.result, x.reason);
}

struct settlement {
  uint64_t id = 0;
  outcome result = outcome::acknowledged;     ///< `written` if one of its messages was
  std::string reason = {};                    ///< refused: a short fixed word
  std::vector<message_outcome> messages = {}; ///< of each, in their order; empty: all of them ended alike
};
inline bool operator==(const settlement& a, const settlement& b) {
  return a.id == b.id && a.result == b.result && a.reason == b.reason && a.messages == b.messages;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settlement& x) {
  return f(caf::meta::type_name("settlement"), x.id, x.result, x.reason, x.messages);
}

/// Publisher -> outbox, repeated until the outbox has answered: settling twice has the effect of once.
struct settled_batch {
  uint32_t slot = 0; ///< the publisher's place in the pool
  std::vector<settlement> items;
};
inline bool operator==(const settled_batch& a, const settled_batch& b) {
  return a.slot == b.slot && a.items == b.items;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settled_batch& x) {
  return f(caf::meta::type_name("settled_batch"), x.slot, x.items);
}

/// Publisher -> outbox: the state of its connection, and what it still holds. Sent when the connection
/// comes or goes and whenever a new outbox is found; the outbox forgets earlier demand.
struct publisher_state {
  uint32_t slot = 0;
  bool connected = false;
  bool resumed = false;        ///< the broker still knew our session: it was not restarted
  uint32_t window = 0;         ///< MQTT messages it may hold at a time
  std::vector<uint64_t> holds; ///< publications not settled yet
};
inline bool operator==(const publisher_state& a, const publisher_state& b) {
  return a.slot == b.slot && a.connected == b.connected && a.resumed == b.resumed && a.window == b.window &&
         a.holds == b.holds;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, publisher_state& x) {
  return f(caf::meta::type_name("publisher_state"), x.slot, x.connected, x.resumed, x.window, x.holds);
}

/// Whoever asks -> outbox: the newest events of this class that were published are to go out once more.
struct repeat_events {
  item_class cls = item_class::user_event;
  uint32_t count = 0; ///< at most
};
inline bool operator==(const repeat_events& a, const repeat_events& b) {
  return a.cls == b.cls && a.count == b.count;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, repeat_events& x) {
  return f(caf::meta::type_name("repeat_events"), x.cls, x.count);
}

} // namespace senseflow::messages
