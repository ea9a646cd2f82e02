// Rules about what Home Assistant needs of other settings.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_home_assistant(const settings& s, findings& found);

} // namespace senseflow::config::reading
