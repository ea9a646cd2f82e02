// One answer of a Sense proxy's session API: the sessions of one virtual proxy.
#pragma once

#include "messages/items/polled_by.hpp"
#include "messages/text/parsed.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages {

/// `json` is the session as it came, without white space: keys in their order, numbers with their digits
/// (null if no double can hold them).
struct session_entry {
  std::string user_directory; ///< "" where it is no text
  std::string user_id;        ///< "" where it is no text
  std::string json;
  std::string session_id = {}; ///< "" where it is no text
};
inline bool operator==(const session_entry& a, const session_entry& b) {
  return a.user_directory == b.user_directory && a.user_id == b.user_id && a.json == b.json &&
         a.session_id == b.session_id;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_entry& x) {
  return f(caf::meta::type_name("session_entry"), x.user_directory, x.user_id, x.json, x.session_id);
}

struct session_sample {
  std::string server;         ///< the name it has in the configuration: the routing key
  std::string host;           ///< as in health_sample
  std::string virtual_proxy;  ///< as configured; `/` is the default one
  caf::timestamp timestamp{}; ///< UTC, when the answer was complete
  caf::timespan duration{};   ///< of the call
  std::vector<session_entry> sessions;
  polled_by by = {};
};

bool operator==(const session_sample& a, const session_sample& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_sample& x) {
  return f(caf::meta::type_name("session_sample"), x.server, x.host, x.virtual_proxy, x.timestamp, x.duration,
           x.sessions, x.by);
}

/// Reads the body of an answer; the caller fills in the rest. Rejects with `invalid_json` or `not_an_array`.
parsed<session_sample> parse_sessions(std::string_view body);

} // namespace senseflow::messages
