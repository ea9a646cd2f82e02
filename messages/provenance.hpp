// In a cluster: which node has made a publication and by which right, and which event it is. Travels as the
// user properties `node`, `epoch` and `event` of MQTT 5. Empty without a cluster.
#pragma once

#include "messages/shared_text.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>

namespace senseflow::messages {

struct provenance {
  shared_text node;   ///< the id of the node; safe as one topic level
  uint64_t epoch = 0; ///< of its ownership of the server; grows with each change of the owner. 0 = none
  shared_text event;  ///< the same for all copies of one event, whoever publishes it

  bool empty() const { return node.size() == 0 && epoch == 0 && event.size() == 0; }
};

inline bool operator==(const provenance& a, const provenance& b) {
  return a.node == b.node && a.epoch == b.epoch && a.event == b.event;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provenance& x) {
  return f(caf::meta::type_name("provenance"), x.node, x.epoch, x.event);
}

} // namespace senseflow::messages
