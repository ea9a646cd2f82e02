// Session samples: the list as it came (layout of the reference), and an object with counts (documented
// layout).
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/session_sample.hpp"
#include "messages/rules/user_set.hpp"

#include <string>

namespace senseflow::messages {

struct session_options {
  std::string base_topic; ///< ends with a slash or is ""
  bool butler_sos = true; ///< `<base><host>/usersession<virtual proxy>`: never without the excluded users
  bool documented = true; ///< `<base>sessions/<server>/<virtual proxy>`; the proxy `/` is called `default`
  user_set exclude;       ///< documented layout only, as the reference ignores it on MQTT
  delivery_options delivery;
};

/// Filters with `no_topic` if both layouts are off.
encoded encode_sessions(const session_sample& sample, const session_options& options);

} // namespace senseflow::messages
