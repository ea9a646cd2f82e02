// What etcd holds of a cluster, as known from one listing and the changes since.
#pragma once

#include "actors/cluster/cluster_keys.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// Of a server, or the reporter's office. No lease: nobody's.
struct owned_key {
  int64_t lease = 0;
  int64_t mod_revision = 0; ///< 0 = there is no such key
  bool claimed = false;     ///< from nobody; not handed over since
};

/// Not thread-safe.
class cluster_state {
public:
  explicit cluster_state(cluster_keys keys) : keys_(std::move(keys)) {}

  /// All keys there are. What was known before is void.
  void reset(const std::vector<runtime::etcd_key>& all, int64_t revision);
  void apply(const runtime::etcd_watch_event& x);
  /// This lease is gone, as etcd says: so is its node, if the watch should not have told yet.
  void gone(int64_t lease);

  const cluster_keys& keys() const { return keys_; }
  int64_t revision() const { return revision_; } ///< everything up to it is known; 0 = nothing is
  const std::map<std::string, node_entry>& nodes() const { return nodes_; }
  const node_entry* node(const std::string& id) const; ///< null: does not live
  const node_entry* holder(int64_t lease) const;       ///< null: no living node
  owned_key server(const std::string& name) const;
  const std::map<std::string, owned_key>& servers() const { return servers_; }
  const std::set<std::string>& owned(int64_t lease) const; ///< servers
  owned_key reporter() const { return reporter_; }
  bool drain_wanted(const std::string& id) const { return drains_.count(id) > 0; } ///< by an operator
  /// Whether it gives its servers away, by its own will or an operator's.
  bool leaves(const node_entry& x) const { return x.node.draining || drain_wanted(x.node.id); }
  uint64_t unreadable() const { return unreadable_; } ///< keys and values found so far that say nothing

private:
  void put(const runtime::etcd_key& x);
  void erase(const std::string& key);
  void set_server(const std::string& name, owned_key x);

  cluster_keys keys_;
  int64_t revision_ = 0;
  std::map<std::string, node_entry> nodes_;
  std::map<int64_t, std::string> holders_; ///< by lease
  std::map<std::string, owned_key> servers_;
  std::map<int64_t, std::set<std::string>> owned_;
  std::set<std::string> drains_;
  owned_key reporter_;
  uint64_t unreadable_ = 0;
};

} // namespace senseflow::actors
