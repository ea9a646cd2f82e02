// Rules about topics of settings that would get where others mean something else.
#pragma once

#include "config/reading/findings.hpp"
#include "config/settings.hpp"

#include <string>

namespace senseflow::config::reading {

/// `host_name` is this machine's.
void check_topics(const settings& s, const std::string& host_name, findings& found);

} // namespace senseflow::config::reading
