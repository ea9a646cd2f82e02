// What a node has to do so that every server is owned by who should own it. Pure.
//
// Peers are nodes that share servers among themselves: they have the same servers configured (the same
// `servers` in their entries) and protocols that differ by one at most: a program can live with what its
// predecessor and its successor write. Each node
// - claims servers of its own configuration that nobody owns, if they are to be its own among its peers;
// - hands servers over to peers only;
// - gives up (to nobody) what is not in its configuration any more; nodes that still have it claim it;
// - leaves everything else alone: also what a node owns that is no peer.
// So while configurations or versions differ (a rolling change) each server that some living node knows is
// owned by one that knows it: two groups of peers may want the same orphan, etcd gives it to one of them.
// Who leaves (drains) and has no peer to take its servers keeps them until it ends.
#pragma once

#include "actors/cluster/cluster_state.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace senseflow::actors {

struct cluster_plan {
  std::vector<std::string> claims;            ///< nobody's: to become ours
  std::map<std::string, std::string> leaving; ///< ours: to go to this node, "" = to nobody

  bool empty() const { return claims.empty() && leaving.empty(); }
};

bool are_peers(const node_entry& a, const node_entry& b);

/// Of the node `self`, which must live. `servers` is its configuration. `doubtful` says of a server of ours
/// that a transfer of it may still take place: if it is to stay, it is "handed over" to ourselves, which
/// settles that.
cluster_plan plan_ownership(const cluster_state& state, const std::string& self,
                            const std::set<std::string>& servers,
                            const std::function<bool(const std::string&)>& doubtful);

} // namespace senseflow::actors
