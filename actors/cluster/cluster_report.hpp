// What is told of a cluster over MQTT: each node's own status, and the view that the reporter composes.
#pragma once

#include "actors/cluster/cluster_state.hpp"
#include "runtime/accounting/ledger.hpp"

#include <caf/timestamp.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

/// config/schemas/cluster-node.json, on `node/<escaped id>`.
struct node_status {
  std::string node;
  std::string version;
  uint64_t servers = 0; ///< polled here
  uint64_t polls = 0;   ///< since the start, like the others
  uint64_t polls_skipped = 0;
  uint64_t poll_failures = 0;
  double poll_lateness_ms = 0; ///< mean of the last interval
  uint64_t ledger_faults = 0;
  runtime::ledger::snapshot_type ledger{};
};
std::string to_json(const node_status& x, caf::timestamp now);

/// The topic below the cluster's own.
std::string status_topic(const std::string& node);

/// What the others say of themselves, as it comes from outside. Not thread-safe; bounded.
class node_statuses {
public:
  static constexpr size_t max_nodes = 1000;
  static constexpr size_t max_bytes = 64 * 1024;

  /// False for a message that is none, or not usable. One without content forgets.
  bool take(std::string_view topic, std::string_view payload);

  /// As JSON; `null` if there is none.
  std::string of(const std::string& node) const;

  /// Of nodes that do not live: their statuses, which the broker keeps, are to be cleared. Once each.
  std::vector<std::string> take_leftovers(const cluster_state& state);

private:
  std::map<std::string, std::string> known_;
};

/// config/schemas/cluster.json, on the cluster's own topic.
struct cluster_report {
  std::string cluster;
  std::string reporter;
  std::set<std::string> servers;   ///< configured with the reporter
  std::vector<std::string> alarms; ///< of etcd
};
std::string to_json(const cluster_report& x, const cluster_state& state, const node_statuses& statuses,
                    caf::timestamp now);

} // namespace senseflow::actors
