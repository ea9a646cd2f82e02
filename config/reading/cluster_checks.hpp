// Rules about a cluster of several nodes.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_cluster(const settings& s, findings& found);

} // namespace senseflow::config::reading
