// Rules about what services are watched.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_silence(const settings& s, findings& found);

} // namespace senseflow::config::reading
