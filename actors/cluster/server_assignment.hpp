// Who should own which server: the rule that every node of a cluster computes on its own view. Pure, in whole
// numbers only, so that all nodes come to the same result whatever they were built with.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace senseflow::actors {

/// By id: the nodes that may own servers. A weight of 0 counts as 1.
using node_weights = std::map<std::string, uint32_t>;
/// By server: its owner, present or future. "" = none.
using server_owners = std::map<std::string, std::string>;

/// For each server of `present` the node that should own it; "" only if there are no nodes.
/// - Quotas: each node's share by its weight, rounded by largest remainder; of equal remainders those go
///   first that own more already, so that nothing moves for the sake of rounding.
/// - A server whose owner is in `nodes` keeps it. Any other goes, in the order of names, to the nearest node
///   below its quota: so nobody else's servers move when a node dies.
/// - Only if a node is then off its quota by more than 5 % (a node has joined, a weight was changed) surplus
///   servers move, the farthest first, each to the nearest node below its quota.
/// - Nearness is weighted rendezvous hashing: it depends on nothing but the two names and the weight, so a
///   node that comes back gets back most of what it had.
server_owners assign_servers(const node_weights& nodes, const server_owners& present);

} // namespace senseflow::actors
