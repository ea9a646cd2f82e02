// Which event it is, for all nodes that receive a copy of it: its datagram's hash, and the how-many-th of equal
// datagrams it is. Without a cluster that shares events there is none.
#pragma once

#include <caf/meta/type_name.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace senseflow::messages {

struct event_id {
  uint64_t hash = 0;       ///< the first 8 bytes of SHA-256, read big-endian
  uint32_t occurrence = 0; ///< from 1; 0 = no id

  explicit operator bool() const { return occurrence > 0; }
};
inline bool operator==(const event_id& a, const event_id& b) {
  return a.hash == b.hash && a.occurrence == b.occurrence;
}
inline bool operator!=(const event_id& a, const event_id& b) { return !(a == b); }
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event_id& x) {
  return f(caf::meta::type_name("event_id"), x.hash, x.occurrence);
}

/// "<16 hexadecimal digits>-<occurrence>"; "" for no id.
std::string to_text(const event_id& x);
/// What `to_text` has made, and nothing else.
std::optional<event_id> parse_event_id(std::string_view text);

struct event_id_hash {
  size_t operator()(const event_id& x) const { return static_cast<size_t>(x.hash + x.occurrence); }
};

} // namespace senseflow::messages
