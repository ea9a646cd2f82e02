// A branch of the tree.
#pragma once

#include "actors/context.hpp"
#include "actors/supervisor_plan.hpp"
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace senseflow::runtime {

/// A supervisor of its own, which is told of a new plan instead of being replaced.
actors::child_spec branch(const actors::context_ptr& env, const config::settings& settings, std::string name,
                          actors::stop_order stop, std::vector<actors::child_spec> children);

} // namespace senseflow::runtime
