// A YAML document as a list of events. yaml-cpp reads it; but it lets forgotten quotes swallow what follows, and
// drops tags and anchors without a word. So libyaml reads the text first (`events`), refuses that, and both must
// have understood the same.
#pragma once

#include "config/reading/events.hpp"

#include <string_view>
#include <vector>

namespace senseflow::config::reading {

/// `text` is UTF-8. Throws `refused`. Bounded: `text` is, and the depth of what it nests.
std::vector<event> read_document(std::string_view text);

} // namespace senseflow::config::reading
