#define CAF_SUITE system.cluster.blackhole
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"
#include "test/system/cluster/other_network.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights two{{"n1", 1}, {"n2", 1}};
const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

/// For the suite: a process gets one only once.
other_network& network() {
  static other_network result;
  return result;
}

poll_time end_of_last(const polls_by_server& all, const std::string& node) {
  poll_time result{};
  for (const auto& [server, polls] : all)
    for (const auto& x : polls)
      if (x.witness == node) result = std::max(result, x.end);
  return result;
}

} // namespace

CAF_TEST(a node whose packets from etcd vanish ends to poll in time and joins again) {
  if (!network().problem().empty()) {
    CAF_MESSAGE("skipped, " << network().problem());
    return;
  }
  nodes all;
  node_options apart;
  apart.wrapper = network().in_it();
  all.start("n3", apart);
  all.start("n1");
  all.start("n2");
  CAF_REQUIRE(all.shared_by(three));
  CAF_REQUIRE(all.polled_by(three));

  const auto begin = poll_clock::now() - nodes::interval;
  const auto cut = poll_clock::now();
  network().cut(all.etcd.port());
  CAF_CHECK(all.shared_by(two));
  CAF_CHECK(all.polled_by(two));
  const auto seen = all.polls.between(begin);
  CAF_CHECK_EQUAL(all.faults(seen, cut).overlaps, 0u);
  const auto last = end_of_last(seen, "n3");
  CAF_MESSAGE("last poll ended " << seconds(last - cut) << " s after the cut");
  CAF_CHECK(last > cut + 1s); // Sense is still there: it goes on while it is certain
  CAF_CHECK(last < cut + lease_ttl);

  const auto healed = poll_clock::now();
  network().heal();
  CAF_CHECK(all.shared_by(three, 5500ms)); // over connections that TCP would still be waiting for
  CAF_MESSAGE("balanced " << seconds(poll_clock::now() - healed) << " s after it was healed");
  CAF_CHECK(all.polled_by(three));
  CAF_CHECK_EQUAL(all.faults(healed).overlaps, 0u);
  CAF_CHECK_EQUAL(network().problem(), "");
}
