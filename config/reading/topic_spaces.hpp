// Topics, each with all that is below it, which mean something to others, or to senseflow itself.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace senseflow::config::reading {

struct topic_space {
  std::string topic;   ///< no '/' at the end
  std::string purpose; ///< "the states of servers are published"
};

/// A '/' at the end of either does not count. All is below "".
bool at_or_below(std::string_view topic, std::string_view space);
/// One is at or below the other.
bool overlap(std::string_view a, std::string_view b);
std::vector<std::string_view> levels_of(std::string_view topic);

topic_space own_space(const settings& s); ///< `<base>senseflow`
std::vector<topic_space> state_spaces(const settings& s);
std::vector<topic_space> value_spaces(const settings& s); ///< as Butler SOS publishes them
std::vector<topic_space> event_spaces(const settings& s);
std::vector<topic_space> home_assistant_spaces(const settings& s);

} // namespace senseflow::config::reading
