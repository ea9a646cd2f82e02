// Ids as Home Assistant takes them.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages::home_assistant {

/// Letters and digits stay, `-` becomes `--`, any other byte `-XX` (hexadecimal). Different texts stay
/// different; `_` is left for joining several of them.
std::string escaped_id(std::string_view text);

/// What people see as a part of entity ids: lower case, all but letters and digits as one `_` between them.
/// Different texts may become the same; "" if nothing is left.
std::string slug(std::string_view text);

} // namespace senseflow::messages::home_assistant
