// Rules about who may reach the admin server, and with what.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

namespace senseflow::config::reading {

void check_admin(const admin_settings& s, findings& found);

} // namespace senseflow::config::reading
