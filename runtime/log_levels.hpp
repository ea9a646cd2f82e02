// The names of the log's levels.
#pragma once

#include "runtime/log.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace senseflow::runtime::log {

/// In the order of `level`.
inline constexpr std::array<std::string_view, 6> level_names{"error",   "warn",  "info",
                                                             "verbose", "debug", "silly"};

inline std::string_view name_of(level x) { return level_names[static_cast<size_t>(x)]; }

inline std::optional<level> level_from_name(std::string_view name) {
  const auto* const i = std::find(level_names.begin(), level_names.end(), name);
  if (i == level_names.end()) return std::nullopt;
  return static_cast<level>(i - level_names.begin());
}

} // namespace senseflow::runtime::log
