// A user event of a Sense proxy (session started or stopped, connection opened or closed), as it came by UDP:
// eight fields separated by `;`, the last one taking the rest of the datagram. Lengths are UTF-16 code units.
#pragma once

#include "messages/items/event_id.hpp"
#include "messages/text/parsed.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/timestamp.hpp>

#include <string>
#include <string_view>

namespace senseflow::messages {

/// Texts are valid UTF-8 without control characters and already cut; what was missing is "".
struct user_event {
  std::string type; ///< `qseow-proxy-session` or `qseow-proxy-connection`
  std::string host; ///< where it comes from: the routing key
  std::string command;
  std::string user_directory;
  std::string user_id;
  std::string origin;
  std::string context;
  std::string message;
  caf::timestamp received{}; ///< UTC; filled by the receiver
  event_id id;               ///< likewise, where several nodes share events
};

bool operator==(const user_event& a, const user_event& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_event& x) {
  return f(caf::meta::type_name("user_event"), x.type, x.host, x.command, x.user_directory, x.user_id,
           x.origin, x.context, x.message, x.received, x.id);
}

/// The id in the context `/app/<id>` and `/app/<id>?...`; an `/app/` after it ends it as well. "" if there is none.
std::string_view app_id_of(const user_event& x);

/// Reads one datagram, whatever its bytes are. Rejects with `unknown_source` what is no user event.
parsed<user_event> parse_user_event(std::string_view datagram);

} // namespace senseflow::messages
