#define CAF_SUITE actors.cluster.cluster_hand_over
#include "test/support/unit_test.hpp"

#include "test/support/dice.hpp"
#include "test/support/logged.hpp"

#include "test/actors/cluster/cluster.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

namespace {

struct fixture : test::cluster_fixture {
  size_t late = 0; ///< transactions that took place after they had been given up

  void any_fault(test::dice& dice) {
    const auto x = dice.of(nodes);
    switch (dice.below(20)) {
    case 0:
      return x->etcd->cut();
    case 1:
      return freeze(x);
    case 2:
      return thaw();
    case 3:
      x->etcd->lose_answers = dice.below(3);
      return;
    case 4:
      x->etcd->delay_commits = dice.below(3);
      return;
    case 5:
      for (const auto& n : nodes) {
        late += n->etcd->late();
        n->etcd->late_commits();
      }
      return;
    case 6:
      return leave(x, dice);
    case 7:
    case 8:
      for (const auto& s : servers)
        if (dice.one_in(3)) poll(*x, s);
      return;
    case 9:
      return etcd->put("/senseflow/test/drain/" + x->id, "");
    case 10:
      return etcd->erase("/senseflow/test/drain/" + x->id);
    default:
      for (const auto& n : nodes) n->etcd->heal();
      if (dice.one_in(2)) etcd->compact();
    }
  }

  /// Its actor crashes, or the process is killed, or it ends in good order: and somebody comes.
  void leave(const node_ptr& x, test::dice& dice) {
    if (!frozen.empty()) return;
    switch (dice.below(3)) {
    case 0:
      kill_actor(x->actor);
      return spawn(*x);
    case 1:
      die(x);
      break;
    default:
      ask_to_stop(x);
      run(1s);
      end_calls(*x, dice);
      die(x);
    }
    start("n" + std::to_string(dice.below(2) == 0 ? 9 + dice.below(1000) : 5));
    if (nodes.size() < 5 && dice.one_in(3)) start("m" + std::to_string(dice.below(1000)));
  }

  /// Pollers do so in time.
  void end_calls(test::cluster_node& x, test::dice& dice) {
    auto& calls = x.calls;
    calls.erase(
        std::remove_if(calls.begin(), calls.end(),
                       [&](const auto& c) { return c->deadline() < etcd->now + 1s || dice.one_in(2); }),
        calls.end());
  }

  void recover() {
    thaw();
    std::set<std::string> ids;
    for (size_t i = 0; i < nodes.size();) {
      const auto n = nodes[i];
      n->etcd->heal();
      n->etcd->let_go();
      n->etcd->lose_answers = n->etcd->delay_commits = 0;
      n->calls.clear();
      if (!ids.insert(n->id).second)
        die(n); // the second of its id
      else
        ++i;
    }
    for (const auto& x : std::map{etcd->keys})
      if (x.first.find("/drain/") != std::string::npos) etcd->erase(x.first);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_hand_over_tests, fixture)

CAF_TEST(a server is handed over only when the call that runs has ended) {
  auto n1 = start("n1");
  run(1s);
  for (const auto& server : servers) CAF_REQUIRE(poll(*n1, server));
  auto n2 = start("n2");
  run(2s);
  CAF_CHECK_EQUAL(owned(n2), 0u);
  CAF_CHECK_EQUAL(owned(n1), 15u); // no call begins any more of those that are to go
  n1->calls.clear();
  run(100ms);
  CAF_CHECK_EQUAL(owned(n2), 15u);
}

CAF_TEST(what is to be handed over is polled again when the taker dies meanwhile) {
  auto n1 = start("n1");
  run(1s);
  for (const auto& server : servers) CAF_REQUIRE(poll(*n1, server));
  auto n2 = start("n2");
  run(1s);
  die(n2);
  run(7s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
}

CAF_TEST(a transfer that was answered too late is not polled here again) {
  auto n1 = start("n1");
  run(1s);
  n1->etcd->delay_commits = 1;
  auto n2 = start("n2");
  run(60ms);
  CAF_REQUIRE_EQUAL(n1->etcd->late(), 1u);
  CAF_CHECK_EQUAL(owned(n1), 15u); // nobody knows whose the others are
  n1->etcd->late_commits();
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), 15u);
  CAF_CHECK_EQUAL(owned(n2), 15u);
}

CAF_TEST(a transfer in doubt outlives a crash of the actor) {
  auto n1 = start("n1");
  run(1s);
  n1->etcd->delay_commits = 1;
  auto n2 = start("n2");
  run(60ms);
  kill_actor(n1->actor);
  spawn(*n1);
  n1->etcd->delay_commits = 100;
  run(500ms);
  CAF_CHECK_EQUAL(owned(n1), 15u);
  n1->etcd->late_commits();
  n1->etcd->delay_commits = 0;
  run(2s);
  CAF_CHECK_EQUAL(owned(n1), 15u);
  CAF_CHECK_EQUAL(owned(n2), 15u);
}

CAF_TEST(a server in doubt whose taker has died is written anew before it is polled) {
  auto n1 = start("n1");
  run(1s);
  n1->etcd->delay_commits = 1;
  auto n2 = start("n2");
  run(60ms);
  const auto epochs = n1->pollers;
  die(n2);
  etcd->end(etcd->leases.rbegin()->first);
  run(2s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  size_t newer = 0;
  for (const auto& x : n1->pollers) newer += epochs.count(x.first) == 0 ? 1 : 0;
  CAF_CHECK_EQUAL(newer, 15u);
  n1->etcd->late_commits(); // now it can do nothing any more
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
}

CAF_TEST(claims and transfers whose answers are lost come to their end) {
  auto n1 = make("n1");
  n1->etcd->lose_answers = 3;
  spawn(*n1);
  run(3s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  n1->etcd->lose_answers = 1;
  auto n2 = start("n2");
  run(3s);
  CAF_CHECK_EQUAL(owned(n2), 15u);
  CAF_CHECK_EQUAL(owned(n1), 15u);
}

CAF_TEST(a claim that takes place late is made good use of or given back) {
  auto n1 = make("n1");
  n1->etcd->delay_commits = 4; // entry, office, claims, and one more
  spawn(*n1);
  run(50ms);
  auto n2 = start("n2");
  run(5s);
  n1->etcd->late_commits();
  run(3s);
  CAF_CHECK_EQUAL(owned(n1), 15u);
  CAF_CHECK_EQUAL(owned(n2), 15u);
}

CAF_TEST(while the configuration is being changed every server stays polled by one that has it) {
  auto n1 = start("n1"), n2 = start("n2"), n3 = start("n3");
  run(2s);
  const auto old = servers;
  servers.erase("s100");
  servers.insert("s999");
  test::logged log;
  for (const auto& x : {n1, n2, n3}) {
    x->options.servers = servers;
    kill_actor(x->actor);
    spawn(*x);
    run(2s);
    const auto now = owners();
    for (const auto& server : old) {
      const auto known = server != "s100" || x != n3; // the last one that had it is gone
      CAF_CHECK_EQUAL(now.count(server), known ? 1u : 0u);
    }
    CAF_CHECK_EQUAL(now.count("s999"), 1u);
  }
  for (const auto& x : nodes) CAF_CHECK_EQUAL(owned(x), 10u);
  CAF_CHECK_EQUAL(keys("/servers/s100"), 0u);
  CAF_CHECK(!log.lines("other servers configured").empty());
}

CAF_TEST(a node with other servers takes its own only and those of a dead one that it knows) {
  auto n1 = start("n1"), n2 = make("n2");
  n2->options.servers = {"s100", "s101", "other"};
  spawn(*n2);
  run(2s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
  CAF_CHECK_EQUAL(owned(n2), 1u);
  die(n1);
  run(6s);
  CAF_CHECK_EQUAL(owned(n2), 3u);
}

CAF_TEST(a database that is full is told and running nodes go on) {
  auto n1 = start("n1"), n2 = start("n2");
  run(2s);
  etcd->no_space = true;
  for (const auto& x : {n1, n2}) x->etcd->alarm_names = {"NOSPACE"};
  test::logged log;
  auto n3 = start("n3");
  run(40s);
  CAF_CHECK_EQUAL(owned(n1) + owned(n2), servers.size());
  CAF_CHECK_EQUAL(owned(n3), 0u);
  CAF_CHECK_EQUAL(log.lines("etcd has raised NOSPACE").size(), 1u);
  etcd->no_space = false;
  for (const auto& x : {n1, n2}) x->etcd->alarm_names.clear();
  run(40s);
  CAF_CHECK_EQUAL(owned(n3), 10u);
}

CAF_TEST(a server key without a lease holds nobody up) {
  etcd->put("/senseflow/test/servers/s100", "left by hand");
  auto n1 = start("n1");
  run(1s);
  CAF_CHECK_EQUAL(owned(n1), servers.size());
}

CAF_TEST(whatever happens no server is polled by two and in the end each by one) {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    test::dice dice{seed};
    for (int i = 0; i < 4; ++i) start("n" + std::to_string(i));
    for (int round = 0; round < 100; ++round) {
      any_fault(dice);
      run(dice.ms(1, dice.one_in(4) ? 300 : 30) * 10);
      for (const auto& n : nodes) end_calls(*n, dice);
    }
    recover();
    run(20s);
    CAF_CHECK_EQUAL(owners().size(), servers.size());
    for (const auto& n : nodes) {
      CAF_CHECK(owned(n) >= servers.size() / nodes.size());
      CAF_CHECK(owned(n) <= servers.size() / nodes.size() + 1);
    }
    while (!nodes.empty()) die(nodes.back());
    run(6s);
  }
  CAF_MESSAGE(etcd->transactions << " transactions, " << late << " of them late");
  CAF_CHECK(late > 15);
}

CAF_TEST_FIXTURE_SCOPE_END()
