#include "messages/items/server_event.hpp"

namespace senseflow::messages {

std::string_view to_string_view(server_event_kind x) {
  switch (x) {
  case server_event_kind::engine_restarted:
    return "engine_restarted";
  case server_event_kind::version_changed:
    return "version_changed";
  }
  return "unknown";
}

bool operator==(const server_event& a, const server_event& b) {
  return a.server == b.server && a.host == b.host && a.timestamp == b.timestamp && a.kind == b.kind &&
         a.old_value == b.old_value && a.new_value == b.new_value && a.by == b.by;
}

} // namespace senseflow::messages
