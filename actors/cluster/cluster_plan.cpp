#include "actors/cluster/cluster_plan.hpp"

#include "actors/cluster/server_assignment.hpp"

namespace senseflow::actors {

bool are_peers(const node_entry& a, const node_entry& b) {
  const uint64_t x = a.node.protocol, y = b.node.protocol;
  return a.servers == b.servers && x <= y + 1 && y <= x + 1;
}

cluster_plan plan_ownership(const cluster_state& state, const std::string& self,
                            const std::set<std::string>& servers,
                            const std::function<bool(const std::string&)>& doubtful) {
  const auto& own = *state.node(self);
  node_weights takers; // those that stay
  for (const auto& [id, x] : state.nodes())
    if (are_peers(own, x) && !state.leaves(x)) takers.emplace(id, x.node.weight);

  server_owners present;
  for (const auto& name : servers) {
    const auto key = state.server(name);
    if (key.lease == 0) {
      present.emplace(name, "");
    } else if (const auto* owner = state.holder(key.lease); owner && are_peers(own, *owner)) {
      present.emplace(name, state.leaves(*owner) ? "" : owner->node.id);
    }
  }

  cluster_plan result;
  for (const auto& [name, owner] : assign_servers(takers, present)) {
    const auto key = state.server(name);
    if (key.lease == 0 && owner == self) result.claims.push_back(name);
    const bool stays = owner == self || owner.empty();
    if (key.lease == own.node.lease && (!stays || doubtful(name)))
      result.leaving.emplace(name, stays ? self : owner);
  }
  for (const auto& name : state.owned(own.node.lease))
    if (servers.count(name) == 0) result.leaving.emplace(name, "");
  return result;
}

} // namespace senseflow::actors
