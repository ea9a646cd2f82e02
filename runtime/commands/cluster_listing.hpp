// What `senseflow cluster status` says. Pure functions.
#pragma once

#include "actors/cluster/cluster_report.hpp"
#include "actors/cluster/cluster_state.hpp"

#include <caf/timestamp.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct listed_server {
  std::string name;
  std::string owner;  ///< "" = nobody
  uint64_t epoch = 0; ///< of the ownership
  std::string why;    ///< it is there, or where it is going to
};

/// Those of this configuration, and all that are owned, by name.
std::vector<listed_server> list_servers(const actors::cluster_state& state,
                                        const std::set<std::string>& configured);

/// The cluster's view as it is published, and `servers`.
std::string cluster_json(const std::string& cluster, const actors::cluster_state& state,
                         const std::set<std::string>& configured, const actors::node_statuses& statuses,
                         const std::vector<std::string>& alarms, caf::timestamp now);

/// For people: nodes, then servers, then what is wrong.
std::string cluster_text(const std::string& cluster, const actors::cluster_state& state,
                         const std::set<std::string>& configured, const actors::node_statuses& statuses,
                         const std::vector<std::string>& alarms);

} // namespace senseflow::runtime
