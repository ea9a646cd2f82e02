// Rules about what may be asked over MQTT (`requests`) and where answers go.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

/// Of `requests` that are switched on.
void check_requests(const settings& s, findings& found);

} // namespace senseflow::config::reading
