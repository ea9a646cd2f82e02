#define CAF_SUITE system.cluster.moves
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

struct fixture {
  nodes all{options()};
  poll_time begin;

  fixture() {
    CAF_REQUIRE(all.start_all(three));
    begin = poll_clock::now();
  }
  static nodes_options options() {
    nodes_options result;
    result.servers = 300 / slowdown;
    return result;
  }
  void check() {
    nodes::let_pass(3 * nodes::interval);
    const auto faults = all.faults(begin);
    CAF_CHECK_EQUAL(faults.overlaps, 0u);
    CAF_CHECK_EQUAL(faults.twice, 0u);
    CAF_CHECK_EQUAL(faults.missed, 0u);
    CAF_CHECK_EQUAL(faults.examples, "");
    begin = poll_clock::now() - 2 * nodes::interval;
  }
};

const nodes::weights two{{"n1", 1}, {"n2", 1}};

} // namespace

CAF_TEST_FIXTURE_SCOPE(moves_tests, fixture)

CAF_TEST(a node that stops and one that joins cost no server a poll) {
  for (int i = 0; i < 2; ++i) {
    const auto stopped = poll_clock::now();
    CAF_CHECK_EQUAL(all["n3"].stop(), 0);
    CAF_MESSAGE("stopped in " << seconds(poll_clock::now() - stopped) << " s");
    CAF_CHECK(all.shared_by(two, 100ms, 0ms)); // nothing was left to be found
    CAF_CHECK(all.polled_by(two));
    check();
    all.start("n3");
    CAF_CHECK(all.shared_by(three));
    CAF_CHECK(all.polled_by(three));
    check();
  }
}

CAF_TEST(a node that is drained stays without servers until it is wanted again) {
  all.etcd.ctl({"put", cluster_prefix + "drain/n3", ""});
  CAF_CHECK(all.shared_by(two));
  CAF_CHECK(all.polled_by(two));
  check();
  CAF_CHECK_EQUAL(all.polls.count("n3", poll_clock::now() - 2 * nodes::interval), 0u);
  all.etcd.ctl({"del", cluster_prefix + "drain/n3"});
  CAF_CHECK(all.shared_by(three));
  CAF_CHECK(all.polled_by(three));
  check();
}

CAF_TEST_FIXTURE_SCOPE_END()
