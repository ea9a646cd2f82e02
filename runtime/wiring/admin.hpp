// The admin branch of the tree.
#pragma once

#include "actors/supervisor_plan.hpp"
#include "config/settings.hpp"
#include "runtime/wiring/estates.hpp"

#include <string>
#include <vector>

namespace senseflow::runtime {

/// Tells what its files held from what they hold by now, and shows no secret.
std::string admin_version(const config::settings& s);

/// The children of the branch; none if it is switched off.
std::vector<actors::child_spec> admin_children(const config::settings& s, const service_estates& own);

} // namespace senseflow::runtime
