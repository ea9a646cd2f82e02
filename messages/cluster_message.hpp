// What nodes of a cluster tell each other through the MQTT broker.
#pragma once

#include "messages/shared_text.hpp"

#include <caf/meta/type_name.hpp>

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

} // namespace senseflow::messages
