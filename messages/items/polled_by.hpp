// In a cluster: which node has polled a server, and by which ownership of it.
#pragma once

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace senseflow::messages {

/// Without a cluster both are empty.
struct polled_by {
  std::string node;   ///< its id: one topic level
  uint64_t epoch = 0; ///< grows with each change of the owner
};
inline bool operator==(const polled_by& a, const polled_by& b) {
  return a.node == b.node && a.epoch == b.epoch;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, polled_by& x) {
  return f(caf::meta::type_name("polled_by"), x.node, x.epoch);
}

} // namespace senseflow::messages
