// Whether etcd answers, and what it knows of the cluster. Reads only.
#pragma once

#include "runtime/etcd/client.hpp"
#include "runtime/probe/runner.hpp"
#include "runtime/probe/tools.hpp"

#include <string>
#include <vector>

namespace senseflow::runtime::probe {

/// One for each endpoint, and one for the cluster. None without `cluster.enable`.
std::vector<job> etcd_jobs(const tools_ptr& with);

/// An answer that is none. A pure function.
finding judge_etcd_error(const std::string& check, etcd_error error, const std::string& words);

} // namespace senseflow::runtime::probe
