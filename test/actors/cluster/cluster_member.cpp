#define CAF_SUITE actors.cluster.cluster_member
#include "test/support/unit_test.hpp"

#include "test/support/logged.hpp"

#include "test/actors/cluster/cluster.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

namespace {

struct fixture : test::cluster_fixture {
  std::vector<node_ptr> start_three() {
    std::vector<node_ptr> result{start("n1"), start("n2"), start("n3")};
    run(2s);
    return result;
  }
  double counted(const node_ptr& x, const std::string& name, const runtime::metrics::labels& l = {}) {
    return x->env->counters.value(name, l);
  }
  /// Servers of `before` that somebody else owns now.
  size_t moved(const std::map<std::string, std::string>& before) {
    const auto now = owners();
    size_t result = 0;
    for (const auto& [server, owner] : before) {
      const auto i = now.find(server);
      result += i == now.end() || i->second != owner ? 1 : 0;
    }
    return result;
  }
  /// While that time passes every server has an owner's key in etcd.
  void run_without_orphans(std::chrono::milliseconds t) {
    for (auto left = t; left.count() > 0; left -= 10ms) {
      run(10ms);
      size_t keys = 0;
      for (const auto& x : etcd->keys) keys += x.first.find("/servers/") != std::string::npos ? 1 : 0;
      CAF_REQUIRE_EQUAL(keys, servers.size());
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_member_tests, fixture)

CAF_TEST(a node that is alone owns every server and tells its pollers) {
  auto n1 = start("n1");
  run(200ms);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  CAF_CHECK_EQUAL(n1->pollers.size(), servers.size());
  const auto key = etcd->keys.at("/senseflow/test/servers/s100");
  CAF_CHECK_EQUAL(n1->pollers.at("s100"), static_cast<uint64_t>(key.mod_revision));
  CAF_CHECK_EQUAL(n1->permits->of("s100")->epoch(), static_cast<uint64_t>(key.mod_revision));
  CAF_CHECK_EQUAL(key.value.substr(0, 12), R"({"node":"n1")");
  const auto view = n1->view->load();
  CAF_CHECK(view->certain);
  CAF_REQUIRE_EQUAL(view->nodes.size(), 1u);
  CAF_CHECK_EQUAL(view->nodes[0].id, "n1");
  CAF_CHECK_EQUAL(counted(n1, "cluster_claims_total"), 30.0);
  CAF_CHECK(n1->permits->certain_until() > etcd->now + 3s);
  CAF_CHECK(n1->permits->certain_until() <= etcd->now + 5s - cluster_lease::margin);
}

CAF_TEST(three nodes share the servers and write no more once they do) {
  const auto n = start_three();
  for (const auto& x : n) CAF_CHECK_EQUAL(owned(x), 10u);
  const auto writes = etcd->transactions;
  run(30s);
  CAF_CHECK_EQUAL(etcd->transactions, writes);
  for (const auto& x : n) CAF_CHECK_EQUAL(owned(x), 10u);
}

CAF_TEST(weights decide about shares) {
  const auto n1 = start("n1", 1), n2 = start("n2", 2), n3 = start("n3", 3);
  run(2s);
  CAF_CHECK_EQUAL(owned(n1), 5u);
  CAF_CHECK_EQUAL(owned(n2), 10u);
  CAF_CHECK_EQUAL(owned(n3), 15u);
}

CAF_TEST(the servers of a node that died are polled again within ttl and one second and no others move) {
  const auto n = start_three();
  const auto before = owners();
  die(n[1]);
  run(6s);
  CAF_CHECK_EQUAL(owners().size(), servers.size());
  CAF_CHECK_EQUAL(moved(before), 10u);
  CAF_CHECK_EQUAL(owned(n[0]), 15u);
  CAF_CHECK_EQUAL(n[0]->view->load()->nodes.size(), 2u);
}

CAF_TEST(a join moves what the new node is to have and leaves no server without an owner) {
  const auto n = start_three();
  const auto before = owners();
  auto n4 = start("n4");
  run_without_orphans(2s);
  CAF_CHECK_EQUAL(owners().size(), servers.size());
  CAF_CHECK(owned(n4) == 7 || owned(n4) == 8);
  CAF_CHECK_EQUAL(moved(before), owned(n4));
  CAF_CHECK_EQUAL(counted(n4, "cluster_transfers_total", {{"direction", "here"}}),
                  static_cast<double>(owned(n4)));
  CAF_CHECK_EQUAL(counted(n4, "cluster_claims_total"), 0.0);
}

CAF_TEST(two joins at once and a death meanwhile settle without ping pong) {
  const auto n = start_three();
  const auto before = owners();
  auto n4 = start("n4"), n5 = start("n5");
  run_without_orphans(2s);
  for (const auto& x : nodes) CAF_CHECK_EQUAL(owned(x), 6u);
  CAF_CHECK_EQUAL(moved(before), 12u);
  double transfers = 0;
  for (const auto& x : nodes) transfers += counted(x, "cluster_transfers_total", {{"direction", "here"}});
  CAF_CHECK(transfers <= 16.0);
  die(n[0]);
  start("n6");
  run(8s);
  CAF_CHECK_EQUAL(owners().size(), servers.size());
  for (const auto& x : nodes) CAF_CHECK_EQUAL(owned(x), 6u);
}

CAF_TEST(a node that was frozen for longer than its lease polls nothing until it has joined anew) {
  const auto n = start_three();
  freeze(n[2]);
  run(12s);
  CAF_CHECK_EQUAL(owned(n[0]) + owned(n[1]), servers.size());
  CAF_CHECK_EQUAL(owned(n[2]), 0u); // although it could not withdraw anything
  CAF_CHECK_EQUAL(n[2]->permits->granted().size(), 10u);
  thaw();
  run(20ms);
  CAF_CHECK(n[2]->permits->granted().empty());
  run(3s);
  for (const auto& x : n) CAF_CHECK_EQUAL(owned(x), 10u);
  CAF_CHECK_EQUAL(counted(n[2], "cluster_lease_lost_total"), 1.0);
}

CAF_TEST(a node that was frozen for a short time goes on as if nothing had been) {
  const auto n = start_three();
  const auto before = owners();
  freeze(n[2]);
  run(3s);
  thaw();
  run(3s);
  CAF_CHECK_EQUAL(moved(before), 0u);
  CAF_CHECK_EQUAL(counted(n[2], "cluster_lease_lost_total"), 0.0);
}

CAF_TEST(a lease that is lost takes all permits with it at once) {
  auto n1 = start("n1");
  run(1s);
  const auto epoch = n1->permits->of("s100")->epoch();
  etcd->end(etcd->leases.begin()->first);
  run(10ms);
  CAF_CHECK_EQUAL(owned(n1), 0u); // its keys are gone: it sees that before any keep-alive fails
  run(3s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  CAF_CHECK(n1->permits->of("s100")->epoch() > epoch);
  CAF_CHECK_EQUAL(counted(n1, "cluster_lease_lost_total"), 1.0);
}

CAF_TEST(etcd away means polling goes on as long as the lease surely lives and not longer) {
  auto n1 = start("n1");
  run(2s);
  n1->etcd->cut();
  run(3500ms);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  run(1500ms);
  CAF_CHECK_EQUAL(owned(n1), 0u);
  CAF_CHECK(!n1->view->load()->certain);
  CAF_CHECK(counted(n1, "cluster_keep_alive_failures_total", {{"reason", "unavailable"}}) >= 4);
  run(30s);
  n1->etcd->heal();
  run(8s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  CAF_CHECK(n1->view->load()->certain);
}

CAF_TEST(a short outage moves no server and changes no epoch) {
  const auto n = start_three();
  const auto before = n[0]->pollers;
  for (const auto& x : n) x->etcd->cut();
  run(3s);
  for (const auto& x : n) x->etcd->heal();
  run(8s);
  CAF_CHECK(n[0]->pollers == before);
  CAF_CHECK(counted(n[0], "cluster_watch_restarts_total", {{"reason", "unavailable"}}) >= 1);
}

CAF_TEST(with continue it polls on while etcd is away until it hears that its lease is lost) {
  auto n1 = make("n1");
  n1->options.on_coordinator_loss = config::coordinator_loss::carry_on;
  spawn(*n1);
  run(2s);
  test::logged log;
  n1->etcd->cut();
  run(20s); // the lease is gone since long
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  CAF_CHECK(!n1->view->load()->certain); // it is honest about it
  CAF_CHECK_EQUAL(log.lines("servers may be polled twice").size(), 1u);
  n1->etcd->heal();
  run(1100ms);
  CAF_CHECK_EQUAL(counted(n1, "cluster_lease_lost_total"), 1.0);
  run(8s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
}

CAF_TEST(with continue no call has to wait for an answer of etcd that does not come) {
  auto n1 = make("n1");
  n1->options.on_coordinator_loss = config::coordinator_loss::carry_on;
  spawn(*n1);
  run(2s);
  n1->etcd->hold_answers = true;
  for (int i = 0; i < 100; ++i) {
    run(200ms);
    CAF_REQUIRE(n1->permits->certain_until() >= etcd->now + 1500ms);
  }
}

CAF_TEST(keep alives that fail now and then do no harm) {
  const auto n = start_three();
  const auto before = owners();
  n[1]->etcd->lost_keep_alives = 3;
  run(6s);
  CAF_CHECK_EQUAL(moved(before), 0u);
  CAF_CHECK_EQUAL(counted(n[1], "cluster_keep_alive_failures_total", {{"reason", "unavailable"}}), 3.0);
}

CAF_TEST(a compacted watch lists again) {
  const auto n = start_three();
  n[0]->etcd->cut();
  run(1s);
  etcd->put("/senseflow/other/x", "y");
  start("n4");
  run(1s);
  etcd->compact();
  n[0]->etcd->heal();
  run(4s);
  CAF_CHECK_EQUAL(n[0]->view->load()->nodes.size(), 4u);
  CAF_CHECK_EQUAL(owners().size(), servers.size());
  CAF_CHECK_EQUAL(counted(n[0], "cluster_watch_restarts_total", {{"reason", "compacted"}}), 1.0);
}

CAF_TEST(a second instance of an id is refused and told who has it) {
  auto first = start("n1");
  run(1s);
  test::logged log;
  auto second = start("n1");
  run(5s);
  CAF_CHECK(log.lines("refused").empty()); // it may be a predecessor that was killed
  run(5s);
  CAF_REQUIRE_EQUAL(log.lines("refused").size(), 1u);
  CAF_CHECK(log.lines("on host host-of-n1, since 2026-11-26T10:00:00.000Z").size() == 1);
  CAF_CHECK_EQUAL(owned(first), servers.size());
  CAF_CHECK_EQUAL(owned(second), 0u);
  CAF_CHECK(second->view->load()->nodes.empty());
  CAF_CHECK(second->view->load()->refused);
  CAF_CHECK(!first->view->load()->refused);
  die(first);
  run(6s);
  CAF_CHECK_EQUAL(owned(second), servers.size());
  CAF_CHECK(!second->view->load()->refused);
}

CAF_TEST(a process that was killed and comes back waits for the lease of its predecessor without a word) {
  auto first = start("n1");
  run(1s);
  test::logged log;
  die(first);
  auto second = start("n1");
  run(4s);
  CAF_CHECK_EQUAL(owned(second), 0u);
  run(2s);
  CAF_CHECK_EQUAL(owned(second), servers.size());
  CAF_CHECK(log.lines("refused").empty());
}

CAF_TEST(an entry that no node has written is told) {
  test::logged log;
  etcd->put("/senseflow/test/nodes/n1", "rubbish");
  auto n1 = start("n1");
  run(3s);
  CAF_CHECK_EQUAL(owned(n1), 0u);
  CAF_CHECK_EQUAL(log.lines("/senseflow/test/nodes/n1").size(), 1u);
  etcd->erase("/senseflow/test/nodes/n1");
  run(6s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
}

CAF_TEST(a node joins when it hears the others or has waited long enough) {
  auto n1 = start("n1");
  run(1s);
  bool hears = false;
  for (const auto* id : {"n2", "n3"}) {
    auto x = make(id);
    x->options.hears = [&] { return hears; };
    spawn(*x);
    run(2s);
    CAF_CHECK_EQUAL(owned(x), 0u);
    CAF_CHECK(x->view->load()->nodes.size() == nodes.size() - 1);
    hears = id == std::string_view{"n2"};
    run(hears ? 500ms : 2s);
    CAF_CHECK_EQUAL(owned(x), servers.size() / nodes.size());
    hears = false;
  }
}

CAF_TEST(a crash of the actor moves nothing and pollers go on meanwhile) {
  const auto n = start_three();
  const auto before = n[1]->pollers;
  const auto writes = etcd->transactions;
  kill_actor(n[1]->actor);
  run(2s);
  CAF_CHECK_EQUAL(owned(n[1]), 10u);
  n[1]->pollers.clear();
  spawn(*n[1]);
  run(6s);
  CAF_CHECK(n[1]->pollers == before);
  CAF_CHECK_EQUAL(etcd->transactions, writes);
  CAF_CHECK_EQUAL(counted(n[1], "cluster_lease_lost_total"), 0.0);
}

CAF_TEST(who drains does so after a crash of the actor and not as another node) {
  const auto n = start_three();
  caf::anon_send(n[1]->actor, drain_atom_v);
  run(1s);
  kill_actor(n[1]->actor);
  spawn(*n[1]);
  run(6s);
  CAF_CHECK_EQUAL(owned(n[1]), 0u);
  CAF_CHECK_EQUAL(owned(n[0]) + owned(n[2]), servers.size());
  kill_actor(n[1]->actor);
  n[1]->options.node.id = "n4";
  spawn(*n[1]);
  run(8s);
  CAF_CHECK_EQUAL(owned(n[1]), 10u);
}

CAF_TEST(an actor that is replaced for another cluster leaves the lease to end by itself) {
  auto n1 = start("n1");
  run(1s);
  kill_actor(n1->actor);
  n1->options.cluster = "other";
  spawn(*n1);
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  CAF_CHECK_EQUAL(etcd->keys.count("/senseflow/test/servers/s100"), 1u);
  CAF_CHECK_EQUAL(etcd->keys.count("/senseflow/other/servers/s100"), 1u);
  run(6s);
  CAF_CHECK_EQUAL(etcd->keys.count("/senseflow/test/servers/s100"), 0u);
}

CAF_TEST(a member dies of what it can not survive with its reason) {
  auto n1 = start("n1");
  run(1s);
  caf::anon_send(n1->actor, runtime::provocation{});
  handle_all();
  CAF_CHECK(ended(n1->actor));
}

CAF_TEST(it answers pings) {
  auto n1 = start("n1");
  auto answer = self->request(n1->actor, caf::infinite, caf::ping_atom_v);
  handle_all();
  bool answered = false;
  answer.receive([&](caf::pong_atom) { answered = true; }, [](caf::error&) {});
  CAF_CHECK(answered);
}

CAF_TEST_FIXTURE_SCOPE_END()
