// Which browser and operating system a user agent text speaks of, with the names that the npm package bowser
// gives them. Cheap enough for every event: all words are found in one pass.
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
