// Which settings each actor was made from: what a reload has to replace. Pure functions.
#pragma once

#include "config/settings.hpp"

#include <map>
#include <string>

namespace senseflow::runtime {

/// Path in the supervision tree -> text of the settings, without secrets. Branches are not in it, nor is what
/// can follow its settings while it runs: the rules of the encoder.
std::map<std::string, std::string> child_versions(const config::settings& s);

} // namespace senseflow::runtime
