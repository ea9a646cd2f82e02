// Rules about what the program is to find out, and from what.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_insights(const settings& s, findings& found);

} // namespace senseflow::config::reading
