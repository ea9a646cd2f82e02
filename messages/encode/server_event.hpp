// Events of a Sense server's engine: one JSON object (documented layout only).
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/server_event.hpp"

#include <string>

namespace senseflow::messages {

struct server_event_options {
  std::string base_topic; ///< ends with a slash or is ""
  bool documented = true; ///< `<base>health/<server>/event`
  delivery_options delivery;
};

/// Filters with `no_topic` if the layout is off.
encoded encode_server_event(const server_event& event, const server_event_options& options);

} // namespace senseflow::messages
