#include "runtime/commands/cluster_listing.hpp"

#include "actors/cluster/server_assignment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace senseflow::runtime {

namespace {

using nlohmann::json;

/// A number of the node's own status, as text; "-" if it has told none.
std::string told(const actors::node_statuses& statuses, const std::string& node, const char* key) {
  const auto x = json::parse(statuses.of(node), nullptr, false);
  const auto i = x.is_object() ? x.find(key) : x.end();
  return x.is_object() && i != x.end() && i->is_number() ? i->dump() : "-";
}

std::string state_of(const actors::cluster_state& state, const actors::node_entry& x,
                     const std::string& mark) {
  if (state.drain_wanted(x.node.id)) return "drained by an operator";
  if (x.node.draining) return "draining";
  if (x.servers != mark) return "other list of servers";
  return "active";
}

} // namespace

std::vector<listed_server> list_servers(const actors::cluster_state& state,
                                        const std::set<std::string>& configured) {
  const auto mark = actors::server_list_mark(configured);
  actors::node_weights takers;
  for (const auto& [id, x] : state.nodes())
    if (x.servers == mark && !state.leaves(x)) takers[id] = x.node.weight;
  auto names = configured;
  for (const auto& each : state.servers()) names.insert(each.first);
  actors::server_owners present;
  for (const auto& name : names) {
    const auto* owner = state.holder(state.server(name).lease);
    if (configured.count(name) > 0) present[name] = owner ? owner->node.id : "";
  }
  const auto future = actors::assign_servers(takers, present);
  std::vector<listed_server> result;
  for (const auto& name : names) {
    const auto key = state.server(name);
    const auto* owner = state.holder(key.lease);
    const auto i = future.find(name);
    const auto to = i == future.end() ? std::string{} : i->second;
    listed_server x{name, owner ? owner->node.id : "", static_cast<uint64_t>(key.mod_revision), ""};
    if (!owner)
      x.why = to.empty() ? "no living node takes it: each is drained or has another list of servers"
                         : fmt::format("nobody's for the moment; {} takes it", to);
    else if (configured.count(name) == 0)
      x.why = "not in this configuration";
    else if (owner->servers != mark)
      x.why = fmt::format("{} has another list of servers and is left alone", x.owner);
    else if (to == x.owner)
      x.why = fmt::format("stays: {} has not more than its share", x.owner);
    else if (to.empty())
      x.why = fmt::format("stays: {} is to be empty, but nobody can take it", x.owner);
    else if (state.leaves(*owner))
      x.why = fmt::format("{} is to be empty; moves to {}", x.owner, to);
    else
      x.why = fmt::format("{} has more than its share; moves to {}", x.owner, to);
    result.push_back(std::move(x));
  }
  return result;
}

std::string cluster_json(const std::string& cluster, const actors::cluster_state& state,
                         const std::set<std::string>& configured, const actors::node_statuses& statuses,
                         const std::vector<std::string>& alarms, caf::timestamp now) {
  const auto* reporter = state.holder(state.reporter().lease);
  auto result = json::parse(actors::to_json({cluster, reporter ? reporter->node.id : "", configured, alarms},
                                            state, statuses, now));
  auto& servers = result["servers"] = json::array();
  for (const auto& x : list_servers(state, configured))
    servers.push_back({{"server", x.name}, {"owner", x.owner}, {"epoch", x.epoch}, {"why", x.why}});
  return result.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string cluster_text(const std::string& cluster, const actors::cluster_state& state,
                         const std::set<std::string>& configured, const actors::node_statuses& statuses,
                         const std::vector<std::string>& alarms) {
  const auto mark = actors::server_list_mark(configured);
  const auto* reporter = state.holder(state.reporter().lease);
  auto out =
      fmt::format("cluster {}: {} living node(s), {} server(s) in this configuration, reporter {}\n\n",
                  cluster, state.nodes().size(), configured.size(), reporter ? reporter->node.id : "none");
  constexpr auto node_line = "{:<24} {:<10} {:>6} {:>7} {:>10} {:>12}  {}\n";
  out += fmt::format(node_line, "node", "version", "weight", "servers", "polls", "lateness ms", "state");
  for (const auto& [id, x] : state.nodes())
    out += fmt::format(node_line, id, x.node.version, x.node.weight, state.owned(x.node.lease).size(),
                       told(statuses, id, "polls"), told(statuses, id, "pollLatenessMs"),
                       state_of(state, x, mark));
  constexpr auto server_line = "{:<24} {:<24} {:>8}  {}\n";
  out += '\n' + fmt::format(server_line, "server", "owner", "epoch", "why");
  size_t nobodys = 0;
  for (const auto& x : list_servers(state, configured)) {
    nobodys += x.owner.empty() ? 1 : 0;
    out += fmt::format(server_line, x.name, x.owner.empty() ? "-" : x.owner, x.epoch, x.why);
  }
  if (state.nodes().empty())
    out += "\nNo node is running: nothing is polled.\n";
  else if (nobodys > 0)
    out += fmt::format("\n{} server(s) are polled by nobody.\n", nobodys);
  if (!alarms.empty())
    out += fmt::format(
        "\netcd raises alarms: {}. Running nodes go on, but with NOSPACE no node can join or take over "
        "servers: compact and defragment etcd, then disarm the alarm.\n",
        fmt::join(alarms, ", "));
  return out;
}

} // namespace senseflow::runtime
