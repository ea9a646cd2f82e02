// The UDP ports that Sense sends its events to: free or ours, with the buffer that was asked for; and,
// where it is wanted, what comes there.
#pragma once

#include "runtime/probe/processes.hpp"
#include "runtime/probe/runner.hpp"
#include "runtime/probe/tools.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace senseflow::runtime::probe {

/// One for each port that is configured. `listen`: for so long; 0 = not at all.
std::vector<job> port_jobs(const tools_ptr& with, std::chrono::seconds listen);

/// A port that can't be opened. `words` says why, `by` who has it; `here` are services of ours. Pure.
finding judge_taken(const std::string& words, const std::optional<udp_user>& by,
                    const std::vector<pid_t>& here);

} // namespace senseflow::runtime::probe
