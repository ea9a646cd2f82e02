// The configuration and what it names on this machine's disk: certificates, the spool, the log.
#pragma once

#include "config/load.hpp"
#include "runtime/probe/runner.hpp"
#include "runtime/probe/tools.hpp"

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace senseflow::runtime::probe {

/// Faults, warnings, and what the service would and would not do. Waits for nothing.
findings judge_configuration(const config::load_result& x, const std::string& file);

std::vector<job> certificate_jobs(const tools_ptr& with);
std::vector<job> disk_jobs(const tools_ptr& with, const std::string& file);

/// Pure functions.
finding judge_dates(const std::string& check, const std::string& fact, std::time_t begin, std::time_t expiry,
                    std::time_t now);
finding judge_space(uint64_t free_bytes, uint64_t min_free, uint64_t max_bytes);

} // namespace senseflow::runtime::probe
