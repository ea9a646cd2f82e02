#define CAF_SUITE actors.cluster.cluster_rhythm
#include "test/support/unit_test.hpp"

#include "test/actors/cluster/cluster.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(cluster_rhythm_tests, test::cluster_fixture)

CAF_TEST(a server is not handed over shortly before its next call) {
  start("n1");
  run(1s);
  const auto x = nodes.front();
  const auto soon = any_of(x);
  const auto due = sched.clock().now() + 1s;
  for (const auto& s : servers) x->permits->of(s)->next_call(s == soon ? due : due + 1s);
  run(850ms);
  start("n2");
  drain(x);
  run(140ms);
  CAF_CHECK_EQUAL(x->permits->granted().size(), 1u);
  CAF_CHECK_EQUAL(any_of(x), soon);
  auto call = actors::poll_permit::begin(x->permits->of(soon), 0ms);
  CAF_REQUIRE(call);
  x->permits->of(soon)->next_call(due + 1s);
  run(100ms);
  CAF_CHECK_EQUAL(x->permits->granted().size(), 0u);
  call = nullptr;
  run(200ms);
  CAF_CHECK_EQUAL(nodes.back()->permits->granted().size(), servers.size());
}

CAF_TEST(calls that never leave room are not waited for) {
  start("n1");
  run(1s);
  const auto x = nodes.front();
  start("n2");
  drain(x);
  for (int i = 0; i < 150; ++i) {
    for (const auto& s : servers) x->permits->of(s)->next_call(sched.clock().now() + 100ms);
    run(10ms);
  }
  CAF_CHECK_EQUAL(nodes.back()->permits->granted().size(), servers.size());
}

CAF_TEST(who gets a server from another node knows that it was polled until then) {
  start("n1");
  run(1s);
  start("n2");
  run(1s);
  const auto y = nodes.back();
  CAF_REQUIRE(!y->permits->granted().empty());
  for (const auto& each : y->permits->granted()) CAF_CHECK(!y->permits->of(each.first)->claimed());
}

CAF_TEST_FIXTURE_SCOPE_END()
