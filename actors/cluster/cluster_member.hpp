// A node's part in its cluster: its lease, its entry, and the servers that it may poll.
#pragma once

#include "actors/cluster/cluster_lease.hpp"
#include "actors/cluster/cluster_moves.hpp"
#include "actors/cluster/cluster_report.hpp"
#include "actors/cluster/etcd_calls.hpp"
#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/poll_permit.hpp"
#include "config/cluster_settings.hpp"
#include "runtime/backoff.hpp"
#include "runtime/estate.hpp"
#include "runtime/log_changes.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace senseflow::actors {

struct cluster_member_options {
  std::string cluster;           ///< its name
  cluster_node node;             ///< id, topic name, version, protocol, digests and weight of ours
  std::string host;              ///< where we run
  std::string started;           ///< since when, UTC
  std::set<std::string> servers; ///< that are configured
  std::chrono::seconds lease_ttl{5};
  bool drain_on_stop = true;
  config::coordinator_loss on_coordinator_loss = config::coordinator_loss::stop;
  std::chrono::milliseconds settle{30};            ///< from a change of the view to what is made of it
  std::chrono::milliseconds status_interval{5000}; ///< of what is told over MQTT
  std::shared_ptr<runtime::etcd_client> etcd;
  std::shared_ptr<poll_permits> permits;
  shared_cluster_view view;
  /// Whether this node hears what others say of events; it joins when it does, or after `join_after`. Else it
  /// would become the owner of origins without knowing what the former owner has published. Empty: it does.
  std::function<bool()> hears;
  std::chrono::milliseconds join_after{3000};
  /// Told which servers pollers are to exist for, with the epochs, whenever that changes; returns at once.
  std::function<void(const std::map<std::string, uint64_t>&)> pollers;
  std::function<runtime::boot_clock::time_point()> now = runtime::boot_clock::now;
};

/// What outlives the actor, so that its crash or replacement moves no server.
struct cluster_possession {
  std::string of;       ///< the key of the node's entry: what the lease is for
  std::string instance; ///< tells this process from all others; made by the first actor
  cluster_lease lease;
  cluster_moves moves;
  bool drains = false; ///< was told to: a crash is no way out of it
};
using cluster_member_estate = runtime::estate<cluster_possession>;

struct cluster_member_state {
  static inline const char* name = "cluster-member";
  using time_point = caf::actor_clock::time_point;

  /// Something that is tried again, later each time, and told in the log when it begins and ends to fail.
  struct attempts {
    bool under_way = false;
    time_point not_before{};
    runtime::backoff delay;
    runtime::log::changes trouble;
  };

  cluster_member_state() {}

  context_ptr env;
  cluster_member_options options;
  cluster_member_estate::lease own;
  etcd_calls calls;
  cluster_state known{cluster_keys{{}}};
  node_statuses statuses;
  attempts grant, keep_alive, list, write;
  std::unique_ptr<runtime::etcd_watch> watch; ///< null: the view is not kept up to date
  uint64_t watch_number = 0;
  int64_t written = 0;                        ///< the view has to reach this revision before it is acted upon
  std::optional<time_point> plan_at;          ///< the view has changed
  std::optional<time_point> wake_at;          ///< a `wake_atom` is on its way
  std::optional<time_point> join_by;          ///< it could join, but for `hears`
  time_point hand_over_by{};                  ///< whatever calls come
  std::optional<time_point> refused;          ///< another instance has our id, since
  std::map<uint64_t, time_point> keep_alives; ///< that are under way, by number: when they were sent
  uint64_t last_keep_alive = 0, last_kept = 0;
  time_point status_at{};
  time_point alarms_at{};
  std::optional<std::map<std::string, uint64_t>> polled; ///< as told
  bool stale = true;                                     ///< what is known is to be listed anew
  bool draining = false;
  bool stopping = false;
  bool closing = false; ///< nothing is polled any more; ends when the last call has
  bool revoking = false;
  struct news_limits {
    runtime::log::changes refusal, nodes, lists, servers, certainty, alarms;
  } news;
  struct poll_counts {
    double polls = 0, lateness_us = 0;
  } last_counts;
  std::vector<std::string> alarms;
};

/// - Takes: `drain`: gives all servers away, to stay without any. Exit `user_shutdown`: the same if
///   `drain_on_stop`, then revokes the lease and ends; it ends as well once it is not certain of its lease
///   any more, since then nothing it holds can be given. Statuses of other nodes.
/// - Sends: its own status and, if it is the reporter, the cluster's view to `names::cluster_channel`, every
///   `status_interval`; who is not there gets nothing.
/// - Ordering: permits are granted only for keys under the lease of the moment, as the view shows them; they
///   are withdrawn, and running calls have ended, before a key is handed over or the lease is revoked.
/// - Backpressure: one write to etcd at a time.
/// - Errors: etcd away: tried again, with a back-off; what is granted stays so, but is not certain for longer
///   than the lease (`stop`), or is kept certain (`continue`) until etcd says that the lease is lost. Lease
///   lost: all is withdrawn at once, and it joins again. Our id is another instance's: told in the log, waits
///   for its end.
/// - Counts: `cluster_lease_lost_total`, `cluster_keep_alive_failures_total{reason}`,
///   `cluster_write_failures_total{reason}`, `cluster_claims_total`, `cluster_transfers_total{direction}`,
///   `cluster_conflicts_total`, `cluster_watch_restarts_total{reason}`, `cluster_statuses_refused_total`.
/// - Blocking: none; etcd is on its client's thread.
/// - Restart: permanent; lease, instance, permits and transfers in doubt outlive it: no server moves.
cluster_member_actor::behavior_type
cluster_member(cluster_member_actor::stateful_pointer<cluster_member_state> self, context_ptr env,
               cluster_member_options options, std::shared_ptr<cluster_member_estate> own);

} // namespace senseflow::actors
