#define CAF_SUITE system.cluster.coordinator
#include "test/support/unit_test.hpp"

#include "test/system/cluster/three_on_three.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(coordinator_tests, three_on_three)

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

CAF_TEST_FIXTURE_SCOPE_END()
