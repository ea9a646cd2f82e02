#define CAF_SUITE actors.cluster.server_assignment
#include "actors/cluster/server_assignment.hpp"

#include "test/support/unit_test.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

using namespace senseflow::actors;

namespace {

/// A set of names like those of the guide's simulation; each number another set.
struct site {
  explicit site(size_t number, size_t servers = 300) {
    for (size_t i = 0; i < servers; ++i)
      owners.emplace("sense-" + std::to_string(number) + "-" + std::to_string(i), "");
  }
  server_owners owners;
};

std::string node(size_t number, size_t i) {
  return "node-" + std::to_string(number) + "-" + std::to_string(i);
}

node_weights nodes(size_t number, std::vector<uint32_t> weights) {
  node_weights result;
  for (size_t i = 0; i < weights.size(); ++i) result.emplace(node(number, i), weights[i]);
  return result;
}

std::map<std::string, size_t> counts(const server_owners& x) {
  std::map<std::string, size_t> result;
  for (const auto& [server, owner] : x) ++result[owner];
  return result;
}

size_t moved(const server_owners& before, const server_owners& after) {
  size_t result = 0;
  for (const auto& [server, owner] : before) result += after.at(server) != owner ? 1 : 0;
  return result;
}

template <class F>
bool all(const server_owners& x, F f) {
  return std::all_of(x.begin(), x.end(), [&](const auto& each) { return f(each.first, each.second); });
}

/// The worst node's distance from its share, in servers.
double worst(const node_weights& ns, const server_owners& x) {
  double sum = 0, result = 0;
  for (const auto& n : ns) sum += n.second;
  auto by = counts(x);
  for (const auto& [id, weight] : ns)
    result = std::max(result,
                      std::abs(static_cast<double>(by[id]) - static_cast<double>(x.size()) * weight / sum));
  return result;
}

const std::vector<std::vector<uint32_t>> clusters{{1, 1, 1}, {1, 1, 1, 1, 1}, {1, 2, 3}};

} // namespace

CAF_TEST(shares are exact for 300 sets of names whatever the weights) {
  for (size_t n = 0; n < 300; ++n)
    for (const auto& weights : clusters) {
      const auto ns = nodes(n, weights);
      CAF_REQUIRE(worst(ns, assign_servers(ns, site(n).owners)) < 1.0);
    }
}

CAF_TEST(a second look changes nothing) {
  for (size_t n = 0; n < 300; ++n)
    for (const auto& weights : clusters) {
      const auto ns = nodes(n, weights);
      const auto first = assign_servers(ns, site(n).owners);
      CAF_REQUIRE(assign_servers(ns, first) == first);
    }
}

CAF_TEST(when a node dies its servers only find another owner and shares stay within 5 percent) {
  for (size_t n = 0; n < 300; ++n)
    for (const auto& weights : clusters)
      for (size_t dies = 0; dies < weights.size(); ++dies) {
        auto ns = nodes(n, weights);
        const auto before = assign_servers(ns, site(n).owners);
        ns.erase(node(n, dies));
        const auto after = assign_servers(ns, before);
        CAF_REQUIRE(all(before, [&](const auto& server, const auto& owner) {
          return (owner == node(n, dies)) == (after.at(server) != owner);
        }));
        CAF_REQUIRE(worst(ns, after) < 1.0);
      }
}

CAF_TEST(a node that joins gets its share and nothing moves between the others) {
  for (size_t n = 0; n < 300; ++n)
    for (const auto& weights : clusters) {
      auto ns = nodes(n, weights);
      const auto before = assign_servers(ns, site(n).owners);
      const auto joins = node(n, weights.size());
      ns.emplace(joins, 1);
      const auto after = assign_servers(ns, before);
      CAF_REQUIRE(all(before, [&](const auto& server, const auto& owner) {
        return after.at(server) == owner || after.at(server) == joins;
      }));
      CAF_REQUIRE_EQUAL(moved(before, after), counts(after)[joins]); // the least possible
      CAF_REQUIRE(worst(ns, after) < 1.0);
    }
}

CAF_TEST(a death and a join at once move what they have to) {
  for (size_t n = 0; n < 300; ++n)
    for (const auto& weights : clusters) {
      auto ns = nodes(n, weights);
      const auto before = assign_servers(ns, site(n).owners);
      const auto dies = node(n, 0), joins = node(n, weights.size());
      ns.erase(dies);
      ns.emplace(joins, 2);
      const auto after = assign_servers(ns, before);
      CAF_REQUIRE(all(before, [&](const auto& server, const auto& owner) {
        return owner == dies || after.at(server) == owner || after.at(server) == joins;
      }));
      CAF_REQUIRE(worst(ns, after) < 16.0); // 5 % of a quota may stay
    }
}

CAF_TEST(a node that comes back gets back most of what it had) {
  size_t same = 0, all = 0;
  for (size_t n = 0; n < 300; ++n) {
    const auto ns = nodes(n, {1, 1, 1});
    auto without = ns;
    without.erase(node(n, 1));
    const auto before = assign_servers(ns, site(n).owners);
    const auto after = assign_servers(ns, assign_servers(without, before));
    for (const auto& [server, owner] : before)
      if (owner == node(n, 1)) {
        ++all;
        same += after.at(server) == owner ? 1 : 0;
      }
  }
  CAF_CHECK(same * 10 > all * 5); // a third of them would come back by chance
}

CAF_TEST(no weight and no number of nodes or servers gets it out of step) {
  const auto one = site(1, 1).owners;
  CAF_CHECK(assign_servers({}, one).begin()->second.empty());
  CAF_CHECK(assign_servers({{"a", 1}}, {}).empty());
  CAF_CHECK_EQUAL(assign_servers({{"a", 0}, {"b", 0}}, site(1, 4).owners).size(), 4u);
  CAF_CHECK_EQUAL(counts(assign_servers({{"a", 0}, {"b", 0}}, site(1, 4).owners))["a"], 2u);
  const auto large = assign_servers({{"a", 0xffffffff}, {"b", 1}}, site(1, 1000).owners);
  CAF_CHECK_EQUAL(counts(large)["a"], 1000u);
}

CAF_TEST(nothing moves for the sake of rounding) {
  // One server, three nodes: whoever has it keeps it.
  for (const auto* has : {"a", "b", "c"})
    CAF_CHECK_EQUAL(assign_servers({{"a", 1}, {"b", 1}, {"c", 1}}, {{"s", has}}).at("s"), has);
  const server_owners four{{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "c"}};
  CAF_CHECK(assign_servers({{"a", 1}, {"b", 1}, {"c", 1}}, four) == four);
}

CAF_TEST(a deviation up to 5 percent is left alone and a larger one is made up for) {
  server_owners x;
  for (int i = 0; i < 210; ++i) x.emplace("s" + std::to_string(i), i < 105 ? "a" : "b");
  const node_weights two{{"a", 1}, {"b", 1}};
  auto slightly = x;
  for (int i = 105; i < 110; ++i) slightly["s" + std::to_string(i)] = "a"; // 110 : 100
  CAF_CHECK(assign_servers(two, slightly) == slightly);
  auto more = slightly;
  more["s110"] = "a"; // 111 : 99
  CAF_CHECK_EQUAL(counts(assign_servers(two, more))["a"], 105u);
  CAF_CHECK_EQUAL(moved(more, assign_servers(two, more)), 6u);
}

CAF_TEST(every build comes to the same result) {
  // Nodes of different builds share servers: a change here is a change of the protocol.
  const auto x = assign_servers({{"alpha", 1}, {"beta", 2}, {"gamma", 3}}, site(0, 12).owners);
  std::string text;
  for (const auto& [server, owner] : x) text += owner.substr(0, 1);
  CAF_CHECK_EQUAL(text, "bgbggggbgaba");
}

CAF_TEST(100000 servers and 50 nodes take less than a second) {
  std::vector<uint32_t> weights(50, 1);
  auto ns = nodes(1, weights);
  const auto began = std::chrono::steady_clock::now();
  const auto first = assign_servers(ns, site(1, 100000).owners);
  ns.erase(node(1, 7));
  ns.emplace("joins", 1);
  const auto second = assign_servers(ns, first);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CAF_MESSAGE("two assignments: " << took.count() << " s");
  CAF_CHECK_EQUAL(counts(second)["joins"], 2000u);
  CAF_CHECK(took.count() < 5.0); // the machine may be busy
}
