// The effective settings as YAML that `load` reads again. Secrets come out as `***`.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace senseflow::config {

std::string print(const settings& x);

} // namespace senseflow::config
