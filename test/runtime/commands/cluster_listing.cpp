#define CAF_SUITE runtime.commands.cluster_listing
#include "test/support/unit_test.hpp"

#include "runtime/commands/cluster_listing.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

using namespace senseflow;
using namespace actors;
using namespace runtime;

namespace {

const cluster_keys keys{"prod"};

struct fixture {
  std::set<std::string> configured{"a", "b", "c", "d"};
  std::vector<etcd_key> all;

  void node(const std::string& id, int64_t lease, const std::set<std::string>& servers) {
    node_entry x;
    x.node = {id, id, "0.1.0", 1, 1, 1, 0, false};
    x.servers = server_list_mark(servers);
    x.instance = "i" + id;
    all.push_back({keys.node(id), to_json(x), 3, 3, lease});
  }
  void owns(int64_t lease, const std::string& server) {
    all.push_back({keys.server(server), "{}", 4, 4, lease});
  }
  void drained(const std::string& id) { all.push_back({keys.drain(id), "{}", 5, 5, 0}); }
  cluster_state state() const {
    cluster_state result{keys};
    result.reset(all, 9);
    return result;
  }
  std::map<std::string, std::string> why() const {
    std::map<std::string, std::string> result;
    for (const auto& x : list_servers(state(), configured)) result[x.name] = x.owner + ": " + x.why;
    return result;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_listing_tests, fixture)

CAF_TEST(a balanced cluster says that all stays) {
  node("n1", 31, configured);
  node("n2", 32, configured);
  owns(31, "a");
  owns(31, "b");
  owns(32, "c");
  owns(32, "d");
  for (const auto& [server, x] : why()) CAF_CHECK(contains(x, "stays: n"));
}

CAF_TEST(what moves and what is nobodys says where it goes) {
  node("n1", 31, configured);
  node("n2", 32, configured);
  drained("n1");
  owns(31, "a");
  owns(99, "b");
  const auto x = why();
  CAF_CHECK_EQUAL(x.at("a"), "n1: n1 is to be empty; moves to n2");
  CAF_CHECK_EQUAL(x.at("b"), ": nobody's for the moment; n2 takes it");
  node("n3", 33, configured);
  for (const auto* s : {"b", "c", "d"}) owns(32, s);
  CAF_CHECK(
      contains(cluster_text("prod", state(), configured, {}, {}), "n2 has more than its share; moves to n3"));
}

CAF_TEST(servers that nobody can take and those of others are told apart) {
  node("n1", 31, configured);
  drained("n1");
  owns(31, "a");
  node("n9", 39, {"a", "z"});
  owns(39, "z");
  owns(39, "b");
  const auto x = why();
  CAF_CHECK_EQUAL(x.at("a"), "n1: stays: n1 is to be empty, but nobody can take it");
  CAF_CHECK_EQUAL(x.at("b"), "n9: n9 has another list of servers and is left alone");
  CAF_CHECK(contains(x.at("c"), "no living node takes it"));
  CAF_CHECK_EQUAL(x.at("z"), "n9: not in this configuration");
}

CAF_TEST(people are told what is wrong) {
  CAF_CHECK(contains(cluster_text("prod", state(), configured, {}, {}), "No node is running"));
  node("n1", 31, configured);
  drained("n1");
  const auto text = cluster_text("prod", state(), configured, {}, {"NOSPACE"});
  CAF_CHECK(contains(text, "4 server(s) are polled by nobody"));
  CAF_CHECK(contains(text, "etcd raises alarms: NOSPACE"));
  CAF_CHECK(contains(text, "drained by an operator"));
}

CAF_TEST(programs are told the view and the servers) {
  node("n1", 31, configured);
  owns(31, "a");
  const auto x =
      nlohmann::json::parse(cluster_json("prod", state(), configured, {}, {}, caf::make_timestamp()));
  CAF_CHECK_EQUAL(x["cluster"], "prod");
  CAF_CHECK_EQUAL(x["servers"].size(), 4u);
  CAF_CHECK_EQUAL(x["servers"][0]["owner"], "n1");
  CAF_CHECK_EQUAL(x["servers"][0]["epoch"], 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
