// Finds what is no text before the YAML parser sees it: it would stop there without a word, or guess an
// encoding.
#pragma once

#include "config/reading/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace senseflow::config::reading {

struct bad_byte {
  mark at; ///< the column counts characters
  std::string problem;
  std::string remedy;
};

/// The first one that is not valid UTF-8, or a control character other than tab and line ends.
std::optional<bad_byte> first_bad_byte(std::string_view text);

} // namespace senseflow::config::reading
