// What a configuration without faults lacks to be started with, found without starting anything.
#pragma once

#include "config/fault.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Of the settings themselves.
std::optional<config::fault> nothing_to_do(const config::settings& s, const std::string& file);

struct unusable_places {
  std::vector<config::fault> faults;
  std::vector<config::fault> warnings; ///< the start goes on without
};

/// Whether the directories that are to be written can be; nothing is left behind in them. Waits for their disks no
/// longer than `patience`.
unusable_places check_places(const config::settings& s, const std::string& file,
                             std::chrono::milliseconds patience = std::chrono::seconds(10));

} // namespace senseflow::runtime
