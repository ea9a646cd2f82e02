// Rules about the settings of insights.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_insights(const settings& s, findings& found);

} // namespace senseflow::config::reading
