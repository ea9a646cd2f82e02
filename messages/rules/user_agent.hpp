// Which browser and operating system a user agent text speaks of, as the npm package bowser says it. Cheap
// enough for every event: all words are found in one pass, and nasty texts cost no more than their length.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages {

/// What is not known is "".
struct user_agent {
  std::string browser_name;
  std::string browser_major_version;
  std::string os_name;
  std::string os_version;
};

user_agent parse_user_agent(std::string_view text);

/// The user agent in the message of a user event: what stands between `UserAgent:` and the next one, without
/// white space around it and without single quotes. "" if there is none.
std::string user_agent_text(std::string_view message);

} // namespace senseflow::messages
