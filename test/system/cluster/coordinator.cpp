#define CAF_SUITE system.cluster.coordinator
#include "test/support/unit_test.hpp"

#include "test/system/cluster/three_on_three.hpp"

#include <functional>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct scene : three_on_three {
  /// The leader goes for 4 s, and no node pauses. What a lease of 5 s bears is an election of one round (1 to 2 s);
  /// with two candidates left it may take more: then the same again.
  void check_without_leader(const std::function<void(size_t)>& away,
                            const std::function<void(size_t)>& back) {
    for (int tries = 1;; ++tries) {
      begin = poll_clock::now();
      const auto leader = all.etcd.leader();
      const auto gone = poll_clock::now();
      away(leader);
      all.etcd.leader(leader);
      const auto election = poll_clock::now() - gone;
      nodes::let_pass(4s);
      back(leader);
      CAF_REQUIRE(all_serve());
      nodes::let_pass(2 * nodes::interval); // a gap shows at its end
      if (election < 2500ms) return check_quiet();
      CAF_MESSAGE("etcd had no leader for " << seconds(election) << " s; once more");
      CAF_REQUIRE_LESS(tries, 5);
      CAF_REQUIRE(all.shared_by(three, 30s));
      CAF_REQUIRE(all.polled_by(three));
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(coordinator_tests, scene)

CAF_TEST(a leader that is killed or frozen and members that restart make no node pause) {
  start();
  check_without_leader([&](size_t i) { all.etcd.kill(i); }, [&](size_t i) { all.etcd.start(i); });
  CAF_MESSAGE("the leader is frozen");
  check_without_leader([&](size_t i) { all.etcd.freeze(i); }, [&](size_t i) { all.etcd.thaw(i); });
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
