// What nodes of a cluster tell each other through the MQTT broker.
#pragma once

#include "messages/shared_text.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace senseflow::messages {

struct cluster_message {
  std::string topic; ///< below `<base>senseflow/cluster/<name>/`; empty: that topic itself
  shared_text payload;
  bool retain = false; ///< sent: is to be kept by the broker; received: was kept by it
};
inline bool operator==(const cluster_message& a, const cluster_message& b) {
  return a.topic == b.topic && a.payload == b.payload && a.retain == b.retain;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cluster_message& x) {
  return f(caf::meta::type_name("cluster_message"), x.topic, x.payload, x.retain);
}

/// How far this node hears what the others say.
enum class channel_state : uint8_t {
  down,        ///< not connected
  catching_up, ///< connected: what was sent meanwhile is being read
  up,          ///< all of it was read
  deaf         ///< connected, but the broker does not pass on what is sent
};

struct channel_news {
  channel_state now = channel_state::down;
};
inline bool operator==(const channel_news& a, const channel_news& b) { return a.now == b.now; }
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_news& x) {
  return f(caf::meta::type_name("channel_news"), x.now);
}

} // namespace senseflow::messages
