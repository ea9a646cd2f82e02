#include "messages/items/availability_sample.hpp"

namespace senseflow::messages {

std::string_view to_string_view(server_state x) {
  switch (x) {
  case server_state::online:
    return "online";
  case server_state::degraded:
    return "degraded";
  case server_state::offline:
    return "offline";
  }
  return "unknown";
}

bool operator==(const availability_sample& a, const availability_sample& b) {
  return a.server == b.server && a.host == b.host && a.timestamp == b.timestamp && a.state == b.state &&
         a.since == b.since && a.api == b.api && a.error == b.error && a.http_status == b.http_status &&
         a.last_good_poll == b.last_good_poll && a.by == b.by;
}

} // namespace senseflow::messages
