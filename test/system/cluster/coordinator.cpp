#define CAF_SUITE system.cluster.coordinator
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

nodes_options three_members() {
  nodes_options result;
  result.etcd.members = 3;
  return result;
}

struct fixture {
  nodes all{three_members()};
  poll_time begin;

  void start(const node_options& o = {}) {
    for (const auto& x : three) all.start(x.first, o);
    CAF_REQUIRE(all.shared_by(three, 30s));
    CAF_REQUIRE(all.polled_by(three));
    begin = poll_clock::now();
  }
  void check_quiet() {
    const auto faults = faults_in(all.polls.between(begin), nodes::interval, begin);
    CAF_CHECK_EQUAL(faults.overlaps, 0u);
    CAF_CHECK_EQUAL(faults.examples, "");
    const auto by = pollers_in(all.polls.between(begin));
    for (const auto& [server, ids] : by) CAF_CHECK_EQUAL(ids.size(), 1u); // nothing has moved
  }
  bool all_serve() {
    return eventually([&] {
      try {
        all.etcd.ctl({"endpoint", "health"});
        return true;
      } catch (const std::exception&) {
        return false;
      }
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(coordinator_tests, fixture)

CAF_TEST(a leader that is killed or frozen and members that restart make no node pause) {
  start();
  const auto killed = all.etcd.leader();
  all.etcd.kill(killed);
  nodes::let_pass(4s);
  all.etcd.start(killed);
  CAF_CHECK(all_serve());
  check_quiet();
  CAF_MESSAGE("the leader is frozen");
  const auto frozen = all.etcd.leader();
  all.etcd.freeze(frozen);
  nodes::let_pass(4s);
  all.etcd.thaw(frozen);
  CAF_CHECK(all_serve());
  check_quiet();
  CAF_MESSAGE("one after the other restarts; compaction");
  for (size_t i = 0; i < all.etcd.size(); ++i) {
    all.etcd.stop(i);
    all.etcd.start(i);
    CAF_CHECK(all_serve());
  }
  const auto status = nlohmann::json::parse(all.etcd.ctl({"endpoint", "status", "-w", "json"}, 0));
  all.etcd.ctl({"compact", std::to_string(status[0]["Status"]["header"]["revision"].get<int64_t>())});
  nodes::let_pass(2 * nodes::interval);
  check_quiet();
}

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
  CAF_CHECK_EQUAL(faults_in(all.polls.between(begin), nodes::interval, begin).overlaps, 0u);
}

CAF_TEST(without a quorum nodes go on where they are told to) {
  node_options o;
  o.more = "onCoordinatorLoss: continue";
  start(o);
  all.etcd.freeze(0);
  all.etcd.freeze(1);
  nodes::let_pass(lease_ttl + (long_run() ? 15s : 4s));
  check_quiet();
  CAF_CHECK_EQUAL(all.polls.between(poll_clock::now() - 2 * nodes::interval).size(),
                  all.site->endpoints().size());
  all.etcd.thaw(0);
  all.etcd.thaw(1);
  CAF_CHECK(all_serve());
  CAF_CHECK(all.shared_by(three));
  CAF_CHECK(all.polled_by(three));
}

CAF_TEST_FIXTURE_SCOPE_END()
