#define CAF_SUITE actors.cluster.cluster_telling
#include "test/support/unit_test.hpp"

#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include "test/actors/cluster/cluster.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using told = std::vector<messages::cluster_message>;

cluster_message_taker::behavior_type fake_channel(cluster_message_taker::pointer, std::shared_ptr<told> x) {
  return {[x](const messages::cluster_message& m) { x->push_back(m); }};
}

/// Each node's channel hands what it gets to all nodes, as a broker does.
struct fixture : test::cluster_fixture {
  std::map<std::string, std::shared_ptr<told>> channels;

  node_ptr start_with_channel(const std::string& id) {
    auto x = make(id);
    auto& said = channels[id] = std::make_shared<told>();
    x->env->names.put(names::cluster_channel,
                      caf::actor_cast<caf::strong_actor_ptr>(keep(sys.spawn(fake_channel, said))));
    spawn(*x);
    return x;
  }
  void hand_on(const std::string& from) {
    const told said = *channels.at(from);
    for (const auto& m : said)
      for (const auto& x : nodes)
        if (m.topic.rfind("node/", 0) == 0) caf::anon_send(x->actor, m);
    handle_all();
  }
  size_t count(const std::string& node, const std::string& topic) {
    size_t result = 0;
    for (const auto& m : *channels.at(node)) result += m.topic == topic ? 1 : 0;
    return result;
  }
  json last(const std::string& node, const std::string& topic) {
    json result;
    for (const auto& m : *channels.at(node))
      if (m.topic == topic) result = json::parse(m.payload.str());
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_telling_tests, fixture)

CAF_TEST(each node tells its status and one of them the whole) {
  auto n1 = start_with_channel("n1");
  run(100ms);
  auto n2 = start_with_channel("n2");
  n2->env->counters.count("polls_total", {{"server", "s"}}, 10);
  n2->env->counters.count("poll_lateness_us_total", {{"server", "s"}}, 25000);
  run(12s);
  hand_on("n2");
  run(6s);
  CAF_CHECK(count("n1", "node/n1") >= 3);
  CAF_CHECK(count("n1", "") >= 3);
  CAF_CHECK_EQUAL(count("n2", ""), 0u);
  for (const auto& m : *channels["n1"]) CAF_CHECK(m.retain);
  const auto own = last("n2", "node/n2");
  CAF_CHECK_EQUAL(test::check_value("cluster-node", own), "");
  CAF_CHECK_EQUAL(own["servers"], 15);
  CAF_CHECK_EQUAL(own["polls"], 10);
  const auto view = last("n1", "");
  CAF_CHECK_EQUAL(test::check_value("cluster", view), "");
  CAF_CHECK_EQUAL(view["reporter"], "n1");
  CAF_CHECK(view["unowned"].empty());
  CAF_REQUIRE_EQUAL(view["nodes"].size(), 2u);
  CAF_CHECK_EQUAL(view["nodes"][1]["owns"].size(), 15u);
  CAF_CHECK_EQUAL(view["nodes"][1]["status"]["polls"], 10);
  bool late = false;
  for (const auto& m : *channels["n2"])
    late = late || (m.topic == "node/n2" && json::parse(m.payload.str())["pollLatenessMs"] == 2.5);
  CAF_CHECK(late);
}

CAF_TEST(another node reports when the reporter has died and clears what it left) {
  auto n1 = start_with_channel("n1");
  run(100ms);
  auto n2 = start_with_channel("n2");
  run(6s);
  hand_on("n1");
  die(n1);
  run(15s);
  CAF_CHECK_EQUAL(last("n2", "")["reporter"], "n2");
  CAF_CHECK_EQUAL(last("n2", "")["nodes"].size(), 1u);
  CAF_CHECK_EQUAL(count("n2", "node/n1"), 1u);
  for (const auto& m : *channels["n2"])
    if (m.topic == "node/n1") CAF_CHECK_EQUAL(m.payload.size(), 0u);
}

CAF_TEST(a node that ends clears its own status) {
  auto n1 = start_with_channel("n1");
  run(1s);
  caf::anon_send_exit(n1->actor, caf::exit_reason::user_shutdown);
  run(1s);
  CAF_REQUIRE(ended(n1->actor));
  CAF_CHECK_EQUAL(channels["n1"]->back().topic, "node/n1");
  CAF_CHECK_EQUAL(channels["n1"]->back().payload.size(), 0u);
}

CAF_TEST(a message that is no status is counted) {
  auto n1 = start_with_channel("n1");
  caf::anon_send(n1->actor, messages::cluster_message{"node/n2", "rubbish", true});
  handle_all();
  CAF_CHECK_EQUAL(n1->env->counters.value("cluster_statuses_refused_total"), 1.0);
}

CAF_TEST(a node that is not in the cluster tells nothing) {
  auto n1 = start_with_channel("n1");
  run(1s);
  auto second = make("n1");
  const auto said = std::make_shared<told>();
  second->env->names.put(names::cluster_channel,
                         caf::actor_cast<caf::strong_actor_ptr>(keep(sys.spawn(fake_channel, said))));
  spawn(*second);
  run(7s);
  CAF_CHECK(said->empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
