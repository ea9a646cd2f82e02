#define CAF_SUITE system.cluster.slow_network
#include "test/support/unit_test.hpp"

#include "test/support/tcp_proxy.hpp"
#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST(an etcd that answers 200 milliseconds late makes no node pause and no server be polled twice) {
  nodes all;
  tcp_proxy network{all.etcd.port()};
  network.delay(200ms);
  node_options through;
  through.endpoints = {"http://127.0.0.1:" + std::to_string(network.port())};
  const nodes::weights two{{"n1", 1}, {"n2", 1}}, three{{"n1", 1}, {"n2", 1}, {"n3", 1}};
  for (const auto& x : three) all.start(x.first, through);
  CAF_REQUIRE(all.shared_by(three, 30s));
  CAF_REQUIRE(all.polled_by(three));
  auto begin = poll_clock::now();
  nodes::let_pass(10 * nodes::interval);
  CAF_CHECK_EQUAL(all.faults(begin).examples, "");
  begin = poll_clock::now() - nodes::interval;
  CAF_CHECK_EQUAL(all["n3"].stop(), 0);
  CAF_CHECK(all.shared_by(two));
  CAF_CHECK(all.polled_by(two));
  const auto faults = all.faults(begin);
  CAF_CHECK_EQUAL(faults.overlaps, 0u);
  CAF_MESSAGE(faults.missed << " missed: a hand-over takes two answers of etcd");
}
