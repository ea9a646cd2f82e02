// Rules about topics of settings that would get where others mean something else.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_topics(const settings& s, findings& found);

} // namespace senseflow::config::reading
