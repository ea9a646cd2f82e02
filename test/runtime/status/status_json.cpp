#define CAF_SUITE runtime.status.status_json
#include "test/support/unit_test.hpp"

#include "runtime/status/status_json.hpp"

#include "test/support/node_facts.hpp"
#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct fixture {
  facts x = test::healthy_node();
  status_keeper keeper;

  json status() { return json::parse(status_json(keeper.add(x))); }
  json health() { return json::parse(health_json(keeper.add(x))); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(status_json_tests, fixture)

CAF_TEST(a node in good order says so) {
  const auto h = health();
  CAF_CHECK_EQUAL(h["status"], "ok");
  CAF_CHECK_EQUAL(h["text"], "All is well.");
  CAF_CHECK_EQUAL(h["ready"], true);
  CAF_CHECK_EQUAL(h["uptimeSeconds"], 86400.0);
  CAF_CHECK(h["conditions"].empty());
  const auto s = status();
  CAF_CHECK_EQUAL(s["state"], "running");
  CAF_CHECK_EQUAL(s["broker"]["connected"], true);
  CAF_CHECK_EQUAL(s["broker"]["address"], "localhost:1883");
  CAF_CHECK(s["broker"]["lastError"].is_null());
  CAF_CHECK_EQUAL(s["broker"]["window"], 64);
  CAF_CHECK_EQUAL(s["servers"][0]["state"], "online");
  CAF_CHECK_EQUAL(s["servers"][0]["sessions"], 4);
  CAF_CHECK_EQUAL(s["servers"][0]["pollSeconds"], 0.04);
  CAF_CHECK_EQUAL(s["ports"][0]["port"], 9997);
  CAF_CHECK_EQUAL(s["sources"][0]["source"], "host1");
  CAF_CHECK_EQUAL(s["ledger"]["balanced"], true);
  CAF_CHECK_EQUAL(s["ledger"]["classes"].size(), messages::item_class_count);
  CAF_CHECK_EQUAL(s["bottleneck"]["stage"], "none");
  CAF_CHECK(s["cluster"].is_null());
  CAF_CHECK(s["configuration"]["lastReload"].is_null());
}

CAF_TEST(what it tells over mqtt keeps the contract) {
  const auto told = [&] {
    auto result = json::parse(node_health_json(keeper.add(x)));
    CAF_CHECK_EQUAL(test::check_value("node-health", result), "");
    return result;
  };
  auto h = told();
  CAF_CHECK_EQUAL(h["status"], "ok");
  CAF_CHECK_EQUAL(h["text"], "All is well.");
  CAF_CHECK_EQUAL(h["oldestPendingSeconds"], 0.0);
  CAF_CHECK_EQUAL(h["pollSeconds"].size(), 1u);
  CAF_CHECK(h["conditions"].empty());
  x.ledger_faults = 1;
  h = told();
  CAF_CHECK_EQUAL(h["status"], "warning");
  CAF_CHECK_EQUAL(h["conditions"][0]["id"], "accounting_fault");
}

CAF_TEST(all that the page builds on is there whatever the node knows) {
  x = facts{};
  const auto s = status();
  for (const auto* key :
       {"timestamp",  "node",       "version",       "pid",     "mode",         "started", "uptimeSeconds",
        "state",      "ready",      "readyReasons",  "verdict", "conditions",   "broker",  "servers",
        "sources",    "ports",      "lost",          "backlog", "rates",        "latency", "ledger",
        "components", "bottleneck", "configuration", "process", "certificates", "cluster"})
    CAF_CHECK(s.contains(key));
  CAF_CHECK(s["backlog"]["disk"].is_null());
  CAF_CHECK(s["broker"]["address"].is_null());
  CAF_CHECK(s["latency"]["ackSeconds"]["p50"].is_null());
}

CAF_TEST(a server that was not polled yet or belongs to another node is unknown) {
  x.settings.servers = {"sense1", "sense2"};
  auto s = status();
  CAF_CHECK_EQUAL(s["servers"][0]["state"], "online");
  CAF_CHECK_EQUAL(s["servers"][1]["state"], "unknown");
  CAF_CHECK(s["servers"][1]["sessions"].is_null());
  x.components.erase("polling/sense1");
  CAF_CHECK_EQUAL(status()["servers"][0]["state"], "unknown");
}

CAF_TEST(a broker that is away keeps its address and its last error) {
  x.brokers[0].connected = false;
  x.brokers[0].since = x.at - 10s;
  x.brokers[0].trouble = "The connection was lost.";
  x.brokers[0].trouble_at = x.at - 5s;
  const auto b = status()["broker"];
  CAF_CHECK_EQUAL(b["connected"], false);
  CAF_CHECK_EQUAL(b["address"], "localhost:1883");
  CAF_CHECK_EQUAL(b["lastError"], "The connection was lost.");
  CAF_CHECK(b["since"] != b["lastErrorAt"]);
  CAF_CHECK_EQUAL(health()["status"], "warning");
}

CAF_TEST(no more than fifty conditions are listed) {
  x.settings.servers.clear();
  for (int i = 0; i < 70; ++i) {
    const auto name = "s" + std::to_string(i);
    x.settings.servers.push_back(name);
    x.servers[name].state = messages::availability_sample{};
    x.servers[name].state->state = messages::server_state::offline;
    x.components["polling/" + name] = {};
  }
  const auto all = health()["conditions"];
  CAF_CHECK_EQUAL(all.size(), most_conditions + 1);
  CAF_CHECK_EQUAL(all.back()["id"], "more");
  CAF_CHECK(all.back()["text"].get<std::string>().find("20 more") == 0);
}

CAF_TEST(text that is no UTF - 8 breaks nothing) {
  x.settings.servers = {"\xff\xfe"};
  x.brokers[0].trouble = "\x80";
  CAF_CHECK(status()["servers"].size() == 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
