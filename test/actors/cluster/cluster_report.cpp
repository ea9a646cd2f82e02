#define CAF_SUITE actors.cluster.cluster_report
#include "actors/cluster/cluster_report.hpp"

#include "test/support/dice.hpp"
#include "test/support/schema_check.hpp"
#include "test/support/unit_test.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace senseflow;
using namespace actors;
using nlohmann::json;

namespace {

const cluster_keys keys{"prod"};

struct fixture {
  cluster_state state{keys};
  node_statuses statuses;
  node_status own;
  cluster_report report{"prod", "n1", {"a", "b", "c"}, {"NOSPACE"}};

  fixture() {
    node_entry x;
    x.node = {"n1", "t1", "0.1.0", 1, 1, 2, 0, false};
    x.servers = server_list_mark(report.servers);
    x.instance = "i";
    state.reset({{keys.node("n1"), to_json(x), 3, 3, 31},
                 {keys.server("a"), "", 4, 4, 31},
                 {keys.server("b"), "", 4, 4, 99},
                 {keys.drain("n1"), "", 5, 5, 0}},
                9);
    own.node = "n1";
    own.version = "0.1.0";
    own.servers = 1;
    own.polls = 100;
    own.poll_lateness_ms = 1.26;
    own.ledger[0].received = 7;
    own.ledger[0].at[1] = 3;
  }
  json composed() { return json::parse(to_json(report, state, statuses, caf::make_timestamp())); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_report_tests, fixture)

CAF_TEST(a status keeps its contract) {
  const auto text = to_json(own, caf::make_timestamp());
  const auto x = json::parse(text);
  CAF_CHECK_EQUAL(test::check_value("cluster-node", x), "");
  CAF_CHECK_EQUAL(x["ledger"]["health"]["received"], 7);
  CAF_CHECK_EQUAL(x["ledger"]["health"]["held"], 3);
  CAF_CHECK_EQUAL(x["pollLatenessMs"], 1.3);
  CAF_CHECK_EQUAL(test::message_contract{}.check(
                      "butler-sos/senseflow/cluster/senseflow/" + status_topic("n/1"), text, -1),
                  "");
}

CAF_TEST(the view tells nodes and what they own and what nobody owns) {
  CAF_CHECK(statuses.take("node/n1", to_json(own, caf::make_timestamp())));
  const auto x = composed();
  CAF_CHECK_EQUAL(test::check_value("cluster", x), "");
  CAF_CHECK_EQUAL(test::message_contract{}.check("butler-sos/senseflow/cluster/senseflow", x.dump(), -1), "");
  CAF_CHECK_EQUAL(x["configured"], 3);
  CAF_CHECK_EQUAL(x["unowned"], (json{"b", "c"}));
  CAF_CHECK_EQUAL(x["alarms"], json{"NOSPACE"});
  CAF_REQUIRE_EQUAL(x["nodes"].size(), 1u);
  const auto& n1 = x["nodes"][0];
  CAF_CHECK_EQUAL(n1["owns"], json{"a"});
  CAF_CHECK_EQUAL(n1["lease"], "1f");
  CAF_CHECK(n1["drainWanted"] == true && n1["draining"] == false && n1["sameServers"] == true);
  CAF_CHECK_EQUAL(n1["status"]["polls"], 100);
  CAF_CHECK_EQUAL(n1["status"]["ledger"]["health"]["received"], 7);
}

CAF_TEST(a node without a status has none) {
  CAF_CHECK(composed()["nodes"][0]["status"].is_null());
  CAF_CHECK_EQUAL(test::check_value("cluster", composed()), "");
}

CAF_TEST(what comes from outside is taken apart with care) {
  CAF_CHECK(!statuses.take("node/", "{}"));
  CAF_CHECK(!statuses.take("node/a/b", "{}"));
  CAF_CHECK(!statuses.take("published/n1", "{}"));
  CAF_CHECK(!statuses.take("node/n1", "[]"));
  CAF_CHECK(!statuses.take("node/n1", "{"));
  CAF_CHECK(!statuses.take("node/n1", "{\"x\":\"" + std::string(70000, 'x') + "\"}"));
  CAF_CHECK(
      statuses.take("node/n1", R"({"node":5,"version":"a\u0000b","polls":-1,"servers":1.5,"pollLatenessMs":-2,
      "ledger":{"health":{"received":3,"x":1},"other":{}},"evil":{}})"));
  CAF_CHECK_EQUAL(statuses.of("n1"), R"({"version":"ab","ledger":{"health":{"received":3}}})");
  CAF_CHECK_EQUAL(test::check_value("cluster", composed()), "");
  test::dice dice{3};
  for (int i = 0; i < 3000; ++i) {
    auto text = to_json(own, caf::make_timestamp());
    for (int n = 0; n < 3; ++n) text[dice.below(text.size())] = static_cast<char>(dice.below(256));
    statuses.take("node/n1", text);
    const auto broken = test::check_value("cluster", composed());
    if (!broken.empty()) CAF_ERROR(broken << ": " << text);
  }
}

CAF_TEST(statuses are bounded in number) {
  for (size_t i = 0; i < node_statuses::max_nodes; ++i)
    CAF_REQUIRE(statuses.take("node/x" + std::to_string(i), "{}"));
  CAF_CHECK(!statuses.take("node/one-more", "{}"));
  CAF_CHECK(statuses.take("node/x7", "{}"));
  CAF_CHECK(statuses.take("node/x7", ""));
  CAF_CHECK(statuses.take("node/one-more", "{}"));
}

CAF_TEST(statuses of nodes that are gone are cleared once) {
  statuses.take("node/n1", "{}");
  statuses.take("node/n2", "{}");
  CAF_CHECK(statuses.take_leftovers(state) == std::vector<std::string>{"n2"});
  CAF_CHECK(statuses.take_leftovers(state).empty());
  CAF_CHECK_EQUAL(statuses.of("n1"), "{}");
}

CAF_TEST_FIXTURE_SCOPE_END()
