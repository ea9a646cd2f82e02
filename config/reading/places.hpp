// Where things are by default: what a service manager has prepared counts.
#pragma once

#include "config/load.hpp"
#include "config/reading/findings.hpp"

namespace senseflow::config::reading {

/// Paths that the file does not name: below the state directory, and those of the credentials that are there.
void resolve_places(settings& s, const environment& env, const findings& found);

} // namespace senseflow::config::reading
