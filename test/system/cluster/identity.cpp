#define CAF_SUITE system.cluster.identity
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

} // namespace

CAF_TEST(of two nodes with one id the second is refused and says why) {
  nodes all;
  CAF_REQUIRE(all.start_all({{"n1", 1}, {"n2", 1}}));
  const auto begin = poll_clock::now();
  node_options o;
  o.more = "nodeId: n1";
  auto& second = all.start("n3", o);
  CAF_CHECK(
      second.says("refused, its id is taken by process " + std::to_string(all["n1"].process().pid()), 20s));
  CAF_CHECK_EQUAL(all.polls.count("n3", begin), 0u);
  CAF_CHECK_EQUAL(all.faults(begin).examples, "");
  CAF_CHECK_EQUAL(second.stop(), 0);
  CAF_CHECK(all.shared_by({{"n1", 1}, {"n2", 1}}));
}

CAF_TEST(a node of the next version shares servers with those of this one) {
  nodes all;
  CAF_REQUIRE(all.start_all(three));
  const auto begin = poll_clock::now();
  node_options next;
  next.program = "senseflow_next";
  for (const auto& x : three) {
    CAF_CHECK_EQUAL(all[x.first].stop(), 0);
    all.start(x.first, next);
    CAF_CHECK(all.shared_by(three));
    CAF_CHECK(all.polled_by(three));
  }
  const auto faults = all.faults(begin);
  CAF_CHECK_EQUAL(faults.overlaps, 0u);
  CAF_CHECK_EQUAL(faults.examples, "");
  CAF_CHECK(all.etcd.ctl({"get", "--prefix", cluster_prefix + "nodes/"}).find("\"protocol\":2") !=
            std::string::npos);
}
