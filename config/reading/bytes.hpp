// Finds what is no text, or what programs read differently, before the YAML parser sees it.
#pragma once

#include "config/reading/mark.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace senseflow::config::reading {

struct bad_byte {
  mark at; ///< the column counts characters
  std::string problem;
  std::string remedy;
};

/// The first one that is not valid UTF-8, a control character other than tab and line ends, or the like.
std::optional<bad_byte> first_bad_byte(std::string_view text);

} // namespace senseflow::config::reading
