// The supervision tree of a node, and what survives the restarts of its actors.
#pragma once

#include "actors/supervisor.hpp"
#include "config/settings.hpp"
#include "runtime/etcd/client.hpp"
#include "runtime/http/client.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/wiring/estates.hpp"
#include "runtime/wiring/ports.hpp"
#include "runtime/worker.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Builds the tree of actors from settings, starts it, follows reloads and assignments, stops it. `start` and
/// `follow`: one thread at a time.
class service_tree {
public:
  /// Without a spool everything stays in memory. What it does is done by `hand`.
  service_tree(const config::settings& settings, std::shared_ptr<worker> hand, std::shared_ptr<spool> on_disk,
               std::shared_ptr<service_ports> ports = std::make_shared<service_ports>());
  ~service_tree();

  /// Starts root -> admin, delivery, encoding, lookup, cluster, inbound, insights, ingest, polling:
  /// consumers first.
  actors::supervisor_actor start(caf::actor_system& system);

  /// Makes the running tree one of these settings: only what differs is touched. Returns at once.
  void follow(const config::settings& settings);

  /// Begins the stop: what is on its way may take that long. Returns at once, may be called from any thread.
  void stop(std::chrono::milliseconds within);

  actors::context& env() { return *own_.env; }

  service_estates& estates() { return own_; }

private:
  void use(const config::settings& settings);
  actors::supervisor_plan plan();
  std::vector<actors::child_spec> delivery();
  std::vector<actors::child_spec> encoding();
  std::vector<actors::child_spec> lookup();
  std::vector<actors::child_spec> cluster();
  std::vector<actors::child_spec> ingest();
  std::vector<actors::child_spec> polling();
  actors::child_spec receiver(std::string name, actors::udp_receiver_options options);
  std::shared_ptr<actors::sense_poller_estate> estate_of(const std::string& path,
                                                         const actors::sense_poller_options& o);
  void recover(const spool& on_disk);
  /// In a cluster: those that this node has to poll.
  void assign(const std::map<std::string, uint64_t>& servers);
  bool polls(const std::string& server) const;
  void adapt();
  const std::string& version_of(const std::string& path) const { return versions_.at(path); }

  std::mutex changing_; ///< guards all that `follow` and `assign` change
  std::shared_ptr<const config::settings> settings_;
  std::map<std::string, std::string> versions_; ///< of the children, by path
  service_estates own_;
  std::shared_ptr<service_ports> ports_;
  std::shared_ptr<resolver> names_ = make_resolver();
  std::shared_ptr<http_client> http_;
  caf::timestamp started_ = caf::make_timestamp();
  std::chrono::steady_clock::time_point epoch_; ///< of all polls
  std::map<std::string, uint64_t> assigned_;    ///< in a cluster; with the epochs
  std::shared_ptr<etcd_client> etcd_;
  caf::actor_addr root_;
  std::atomic<std::chrono::milliseconds> hand_over_{}; ///< the longest, at a stop; 0 = none
  std::shared_ptr<std::atomic<std::chrono::steady_clock::time_point>> stop_by_ =
      std::make_shared<std::atomic<std::chrono::steady_clock::time_point>>();
  worker_thread assigning_, handing_over_; ///< the last: their jobs use the others
};

} // namespace senseflow::runtime
