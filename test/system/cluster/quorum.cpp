#define CAF_SUITE system.cluster.quorum
#include "test/support/unit_test.hpp"

#include "test/system/cluster/three_on_three.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(quorum_tests, three_on_three)

CAF_TEST(without a quorum nodes stop when their leases may end and are back with it) {
  start();
  all.etcd.freeze(0);
  all.etcd.freeze(1);
  nodes::let_pass(lease_ttl + 1s);
  const auto silent = poll_clock::now();
  nodes::let_pass(long_run() ? 14s : 3s);
  CAF_CHECK_EQUAL(all.polls.between(silent).size(), 0u);
  for (const auto& x : three) CAF_CHECK(all[x.first].process().running());
  all.etcd.thaw(0);
  all.etcd.thaw(1);
  const auto back = poll_clock::now();
  CAF_CHECK(all.polled_by(three));
  CAF_MESSAGE("all polled again by " << seconds(poll_clock::now() - back) << " s after the quorum was back");
  CAF_CHECK(all.shared_by(three));
  CAF_CHECK_EQUAL(all.faults(begin).overlaps, 0u);
}

CAF_TEST(without a quorum nodes go on where they are told to) {
  node_options o;
  o.more = "onCoordinatorLoss: continue";
  start(o);
  all.etcd.freeze(0);
  all.etcd.freeze(1);
  nodes::let_pass(lease_ttl + (long_run() ? 15s : 4s));
  const auto faults = all.faults(begin);
  CAF_CHECK_EQUAL(faults.overlaps, 0u);
  CAF_CHECK_EQUAL(faults.twice, 0u);
  // One of each at most: a call needs a second of certainty, and that it goes on is known with a failed keep-alive.
  CAF_CHECK_LESS_OR_EQUAL(faults.missed, all.site->endpoints().size());
  CAF_CHECK(soon(
      [&] {
        return all.polls.between(poll_clock::now() - 2 * nodes::interval).size() ==
               all.site->endpoints().size();
      },
      nodes::interval));
  all.etcd.thaw(0);
  all.etcd.thaw(1);
  CAF_CHECK(all_serve());
  CAF_CHECK(all.shared_by(three));
  CAF_CHECK(all.polled_by(three));
}

CAF_TEST_FIXTURE_SCOPE_END()
