#define CAF_SUITE actors.cluster.cluster_plan
#include "actors/cluster/cluster_plan.hpp"

#include "test/support/unit_test.hpp"

#include <string>

using namespace senseflow;
using namespace actors;

namespace {

const cluster_keys keys{"c"};
using names = std::set<std::string>;

struct fixture {
  std::vector<runtime::etcd_key> all;
  names servers{"a", "b", "c", "d"};
  names doubtful;

  void node(const std::string& id, int64_t lease, const names& list, uint32_t protocol = 1,
            bool draining = false) {
    node_entry x;
    x.node = {id, id, "0.1.0", protocol, 1, 1, lease, draining};
    x.servers = server_list_mark(list);
    x.instance = "i";
    all.push_back({keys.node(id), to_json(x), 5, 5, lease});
  }
  void owned(const std::string& server, int64_t lease) {
    all.push_back({keys.server(server), "{}", 6, 6, lease});
  }
  cluster_plan plan(const std::string& self) {
    cluster_state state{keys};
    state.reset(all, 10);
    return plan_ownership(state, self, servers, [&](const std::string& x) { return doubtful.count(x) > 0; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_plan_tests, fixture)

CAF_TEST(orphans are claimed by one node each) {
  node("n1", 1, servers);
  node("n2", 2, servers);
  const auto one = plan("n1"), two = plan("n2");
  CAF_CHECK_EQUAL(one.claims.size(), 2u);
  CAF_CHECK_EQUAL(two.claims.size(), 2u);
  CAF_CHECK(one.claims != two.claims);
  CAF_CHECK(one.leaving.empty() && two.leaving.empty());
}

CAF_TEST(surplus goes to a peer) {
  node("n1", 1, servers);
  node("n2", 2, servers);
  for (const auto& x : servers) owned(x, 1);
  const auto x = plan("n1");
  CAF_CHECK_EQUAL(x.leaving.size(), 2u);
  CAF_CHECK_EQUAL(x.leaving.begin()->second, "n2");
  CAF_CHECK(plan("n2").empty());
}

CAF_TEST(a node that drains gives all and takes nothing) {
  node("n1", 1, servers, 1, true);
  node("n2", 2, servers);
  owned("a", 1);
  CAF_CHECK(plan("n1").claims.empty());
  CAF_CHECK_EQUAL(plan("n1").leaving.size(), 1u);
  CAF_CHECK_EQUAL(plan("n2").claims.size(), 3u);
}

CAF_TEST(a drain mark does the same) {
  node("n1", 1, servers);
  node("n2", 2, servers);
  all.push_back({keys.drain("n1"), "", 7, 7, 0});
  owned("a", 1);
  CAF_CHECK_EQUAL(plan("n1").leaving.at("a"), "n2");
}

CAF_TEST(nodes with other servers are left alone and give nothing to us) {
  node("n1", 1, servers);
  node("n2", 2, {"a", "b"});
  owned("a", 2);
  const auto x = plan("n1");
  CAF_CHECK(x.claims == (std::vector<std::string>{"b", "c", "d"}));
  CAF_CHECK(x.leaving.empty());
}

CAF_TEST(a server that is not configured any more is given up) {
  node("n1", 1, servers);
  owned("old", 1);
  CAF_CHECK_EQUAL(plan("n1").leaving.at("old"), "");
}

CAF_TEST(protocols that differ by one share and others do not ) {
  node("n1", 1, servers, 1);
  node("n2", 2, servers, 2);
  CAF_CHECK_EQUAL(plan("n1").claims.size(), 2u);
  node("n3", 3, servers, 3);
  CAF_CHECK_EQUAL(plan("n1").claims.size(), 2u);
  CAF_CHECK_EQUAL(plan("n3").claims.size(), 2u);
  all.erase(all.begin() + 1);
  CAF_CHECK_EQUAL(plan("n1").claims.size(), 4u);
}

CAF_TEST(a key without a lease is an orphan and one of an unknown lease is not ) {
  node("n1", 1, servers);
  owned("a", 0);
  owned("b", 99);
  CAF_CHECK(plan("n1").claims == (std::vector<std::string>{"a", "c", "d"}));
}

CAF_TEST(a server in doubt that stays is written anew) {
  node("n1", 1, servers);
  owned("a", 1);
  doubtful = {"a"};
  CAF_CHECK_EQUAL(plan("n1").leaving.at("a"), "n1");
}

CAF_TEST(who is alone and drains keeps what it has) {
  node("n1", 1, servers, 1, true);
  owned("a", 1);
  CAF_CHECK(plan("n1").empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
