// cluster_simulation: what the rule of a cluster's ownership comes to with many servers and nodes, and what that
// means for etcd. No network, no etcd: the program's own rule, keys and values. Prints one line of JSON a size.
#include "actors/cluster/cluster_keys.hpp"
#include "actors/cluster/cluster_plan.hpp"
#include "actors/cluster/cluster_state.hpp"
#include "actors/cluster/server_assignment.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace senseflow;
using namespace actors;
using clock_type = std::chrono::steady_clock;

constexpr double operations_a_transaction = 120;
constexpr double transaction_ms = 13; // of a three-member etcd, p99 of a create; one after the other
constexpr double base64 = 4.0 / 3;

double ms_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

std::string name(const char* kind, int n) { return fmt::format("{}{:06}.example.com", kind, n); }

struct outcome {
  server_owners owners;
  double ms = 0;
};

outcome assign(const node_weights& nodes, const server_owners& present) {
  const auto start = clock_type::now();
  auto owners = assign_servers(nodes, present);
  return {std::move(owners), ms_since(start)};
}

size_t moved(const server_owners& before, const server_owners& after) {
  return static_cast<size_t>(std::count_if(after.begin(), after.end(),
                                           [&](const auto& x) { return before.at(x.first) != x.second; }));
}

double worst_share(const node_weights& nodes, const server_owners& owners) {
  std::map<std::string, double> counts;
  for (const auto& x : owners) ++counts[x.second];
  const auto ideal = static_cast<double>(owners.size()) / static_cast<double>(nodes.size());
  double worst = 0;
  for (const auto& x : nodes) worst = std::max(worst, std::abs(counts[x.first] - ideal) / ideal);
  return worst;
}

/// Bytes of one ownership in etcd, key and value.
double ownership_bytes() {
  return static_cast<double>(cluster_keys{"senseflow"}.server(name("sense", 1)).size() +
                             ownership_json(name("node", 1), "0123456789abcdef").size());
}

nlohmann::json simulate(int servers, int nodes) {
  server_owners nobody;
  for (int i = 0; i < servers; ++i) nobody[name("sense", i)] = "";
  node_weights all;
  for (int i = 0; i < nodes; ++i) all[name("node", i)] = 1;
  const auto first = assign(all, nobody);
  auto with_another = all;
  with_another[name("node", nodes)] = 1;
  const auto join = assign(with_another, first.owners);
  auto without_one = all;
  without_one.erase(without_one.begin());
  const auto death = assign(without_one, first.owners);
  const auto to_move = static_cast<double>(moved(first.owners, join.owners));
  const auto orphans = static_cast<double>(moved(first.owners, death.owners));
  const auto key = ownership_bytes();
  // Who joins gets from all others at once, each writes its own; orphans are claimed by all at once.
  const auto settle = [&](double changes, double writers) {
    return std::ceil(changes / writers / operations_a_transaction) * transaction_ms;
  };
  return {{"servers", servers},
          {"nodes", nodes},
          {"worstShare", worst_share(all, first.owners)},
          {"joinMoved", to_move / servers},
          {"joinIdeal", 1.0 / (nodes + 1)},
          {"deathMoved", orphans / servers},
          {"deathIdeal", 1.0 / nodes},
          {"assignmentMs", std::max({first.ms, join.ms, death.ms})},
          {"joinTransactions", std::ceil(to_move / operations_a_transaction)},
          {"joinWritesMs", settle(to_move, nodes)},
          {"deathWritesMs", settle(orphans, nodes - 1)},
          {"keys", servers + nodes + 1},
          {"etcdBytes", std::round(key * servers)},
          {"listingBytes", std::round(key * servers * base64 + 90.0 * servers)}, // and the fields' names
          {"watchBytesOfAJoin", std::round((key * base64 + 120) * to_move * (nodes + 1))},
          {"keepAlivesPerSecond", nodes}};
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Simulates who owns what in clusters of many servers and nodes"};
  std::vector<int> servers{10'000, 100'000}, nodes{5, 50};
  app.add_option("--servers", servers, "how many, one for each size")->capture_default_str();
  app.add_option("--nodes", nodes, "how many, one for each size")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  for (size_t i = 0; i < std::min(servers.size(), nodes.size()); ++i)
    std::cout << simulate(servers[i], nodes[i]).dump() << '\n';
}
