// Which of the known names was probably meant.
#pragma once

#include <string_view>
#include <vector>

namespace senseflow::config::reading {

/// Edits (insert, delete, replace, swap neighbours) that lead from `a` to `b`; letters' case does not count.
size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, or empty if none is near.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known);

} // namespace senseflow::config::reading
