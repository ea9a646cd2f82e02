// Rules about which machine is which server (`insights.hosts`).
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_insight_hosts(const settings& s, findings& found);

} // namespace senseflow::config::reading
