// Settings as YAML that `load` reads again. Secrets come out as `***`.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <string_view>

namespace senseflow::config {

inline constexpr std::string_view printed_secret = "***";

/// The effective settings, lists complete.
std::string print(const settings& x);

/// The same with help, default and bounds above each setting: senseflow.example.yaml is made of this.
std::string print_explained(const settings& x);

} // namespace senseflow::config
