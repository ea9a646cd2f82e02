// Words for faults: values as they are shown, ranges, suggestions.
#pragma once

#include "config/reading/tree.hpp"
#include "config/schema/visitor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace senseflow::config::reading {

/// At most 60 bytes, cut at a character.
std::string shortened(std::string_view text);

/// "'abc'", "12", "a list", ...
std::string shown(const node& n);

/// "from 1 to 65535" with a unit if there is one.
std::string range_text(schema::bounds b, std::string_view unit);

/// "a, b and c", or with another word than "and".
std::string joined(const std::vector<std::string_view>& names, std::string_view last = "and");

/// With a small first letter.
std::string lowered(std::string_view sentence);

/// Such as a no-break space: names that hold one look like names that don't.
bool has_invisible_character(std::string_view text);

/// "Did you mean 'x'?", or all that are known.
std::string suggestion(std::string_view key, const std::vector<std::string_view>& known);

} // namespace senseflow::config::reading
