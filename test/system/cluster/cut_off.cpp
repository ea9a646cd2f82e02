#define CAF_SUITE system.cluster.cut_off
#include "test/support/unit_test.hpp"

#include "test/support/tcp_proxy.hpp"
#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights two{{"n1", 1}, {"n2", 1}};
const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

/// For each server of n3 the time between the end of its last poll by n3 and what came next: the smallest.
double smallest_margin(const polls_by_server& all, poll_time since) {
  double result = 1e9;
  for (const auto& [server, polls] : all)
    for (size_t i = 1; i < polls.size(); ++i)
      if (polls[i - 1].witness == "n3" && polls[i].witness != "n3" && polls[i].begin > since)
        result = std::min(result, seconds(polls[i].begin - polls[i - 1].end));
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

CAF_TEST(a node that was frozen for longer than its lease does not poll when it goes on) {
  nodes all;
  CAF_REQUIRE(all.start_all(three));
  const auto begin = poll_clock::now();
  const auto own = only_of("n3", all.polls.between(begin - 2 * nodes::interval));
  all.signal("n3", SIGSTOP);
  CAF_CHECK(all.shared_by(two));
  CAF_CHECK(all.polled_by(two));
  const auto thawed = poll_clock::now();
  all.signal("n3", SIGCONT);
  CAF_CHECK(all.shared_by(three, 5500ms));
  CAF_MESSAGE("balanced again after " << seconds(poll_clock::now() - thawed) << " s");
  CAF_CHECK(all.polled_by(three));
  CAF_CHECK_EQUAL(all.faults(begin).overlaps, 0u);
  // It polls nothing before it has joined anew: the first thing that it does is to find out.
  CAF_CHECK(all["n3"].says("the lease was lost"));
}

CAF_TEST(a node that is cut off from etcd ends to poll before anybody else can begin) {
  nodes all;
  tcp_proxy network{all.etcd.port()};
  node_options through;
  through.endpoints = {"http://127.0.0.1:" + std::to_string(network.port())};
  all.start("n3", through);
  all.start("n1");
  all.start("n2");
  CAF_REQUIRE(all.shared_by(three));
  CAF_REQUIRE(all.polled_by(three));
  double margin = 1e9;
  for (int i = 0; i < (long_run() ? 10 : 2); ++i) {
    const auto begin = poll_clock::now() - nodes::interval;
    const auto cut = poll_clock::now();
    network.freeze();
    CAF_CHECK(all.shared_by(two));
    const auto gone = poll_clock::now();
    CAF_CHECK(all.polled_by(two));
    const auto seen = all.polls.between(begin);
    CAF_CHECK_EQUAL(all.faults(seen, cut).overlaps, 0u);
    const auto last = end_of_last(seen, "n3");
    CAF_MESSAGE("last poll ended " << seconds(last - cut) << " s after the cut, others had the keys after "
                                   << seconds(gone - cut) << " s, smallest time between polls "
                                   << smallest_margin(seen, cut) << " s");
    CAF_CHECK(last > cut + 1s); // it goes on while it is certain
    CAF_CHECK(last < cut + lease_ttl);
    margin = std::min({margin, smallest_margin(seen, cut), seconds(gone - last)});
    const auto healed = poll_clock::now();
    network.thaw();
    CAF_CHECK(all.shared_by(three, 5500ms));
    CAF_MESSAGE("balanced " << seconds(poll_clock::now() - healed) << " s after it was healed");
    CAF_CHECK(all.polled_by(three));
  }
  CAF_MESSAGE("smallest margin " << margin << " s");
  CAF_CHECK_GREATER(margin, 0.25);
}
