// What a user event says of a session.
#pragma once

#include "messages/items/user_event.hpp"

#include <string>
#include <string_view>

namespace senseflow::messages::insights {

enum class session_step : uint8_t { start, stop, open, close, other };

struct session_news {
  session_step step = session_step::other;
  std::string user;  ///< as `user_key`
  std::string token; ///< in lower case; "" if there is none
  std::string app;   ///< its id; "" = none
  std::string browser, os;
  bool timed_out = false; ///< the message says so
};

/// The same for all ways in which Sense spells a user.
std::string user_key(std::string_view directory, std::string_view id);

session_news news_of(const user_event& x);

} // namespace senseflow::messages::insights
