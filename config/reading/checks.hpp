// Rules about several settings, and about the files they name.
#pragma once

#include "config/load.hpp"
#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

/// `s` must be resolved, and at the address it was read to.
void check(const settings& s, const environment& env, findings& found);

} // namespace senseflow::config::reading
