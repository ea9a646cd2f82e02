// Fills in what depends on other settings or comes from outside the file.
#pragma once

#include "config/load.hpp"
#include "config/reading/findings.hpp"

namespace senseflow::config::reading {

/// Default topics and switches, separators, secrets from the environment and from files.
void resolve(settings& s, const environment& env, findings& found);

} // namespace senseflow::config::reading
