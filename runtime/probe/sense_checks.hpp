// Whether the Sense servers can be reached, let us in, and answer as they should.
#pragma once

#include "runtime/probe/runner.hpp"
#include "runtime/probe/tools.hpp"

#include <ctime>
#include <string>
#include <vector>

namespace senseflow::runtime::probe {

/// One for each server, and one for the repository's app names. They ask what the service would ask.
std::vector<job> sense_jobs(const tools_ptr& with);

/// What a server's answer comes to. Pure functions.
finding judge_health(const http_response& x, const std::string& setting);
finding judge_sessions(const http_response& x, const std::string& virtual_proxy, const std::string& setting);
finding judge_apps(const http_response& x, const std::string& setting);
finding judge_clock(std::time_t theirs, std::time_t ours);

} // namespace senseflow::runtime::probe
