// A user's session with a Sense proxy, as far as polls and events tell of it.
#pragma once

#include <caf/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages::insights {

/// An app that was opened in a session.
struct opened_app {
  static constexpr size_t most = 20; ///< of a session; further ones are not noted

  std::string id;
  uint32_t connections = 0; ///< that are open
};

/// Texts are valid UTF-8 without control characters, and cut.
struct live_session {
  std::string id;             ///< as the proxy lists it; "" before it does
  std::string virtual_proxy;  ///< where it is listed
  std::string user_directory; ///< as polled, else as in the events
  std::string user_id;
  std::string token;       ///< an id by which events call it; often none, and often another one than `id`
  std::string browser, os; ///< with their versions; "" before an event tells
  std::vector<opened_app> apps;
  uint32_t connections = 0; ///< that are open, those without an app included
  caf::timestamp start{};
  bool start_inferred = true; ///< no event told of it: it is when the session was noticed first
  caf::timestamp last_activity{};
  bool heard = false; ///< some event told of it
};

enum class session_end : uint8_t {
  stopped,   ///< the proxy said so
  timed_out, ///< likewise, or it ended after a time without its user
  vanished   ///< it is not listed any more
};
std::string_view to_string_view(session_end x);

struct ended_session {
  live_session what;
  caf::timestamp end{};
  session_end how = session_end::stopped;
  bool inferred = false; ///< `end` is when it was missed, or `how` follows from the time
};

} // namespace senseflow::messages::insights
