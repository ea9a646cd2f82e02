#define CAF_SUITE system.cluster.kills
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

/// How long the servers of the killed one were without a poll, in seconds. Stalls do not count.
void kill_one(nodes& all, const std::string& victim, std::vector<double>& waits) {
  const auto owners = all.owners();
  const auto begin = poll_clock::now() - nodes::interval;
  const auto killed = poll_clock::now();
  all.kill(victim);
  auto rest = three;
  rest.erase(victim);
  CAF_REQUIRE(all.shared_by(rest));
  CAF_REQUIRE(all.polled_by(rest));
  const auto seen = all.polls.between(begin);
  CAF_CHECK_EQUAL(all.faults(seen, killed).overlaps, 0u);
  polls_by_server others;
  for (const auto& [server, polls] : seen) {
    if (owners.at(server) != victim) {
      others.emplace(server, polls);
      continue;
    }
    const auto again =
        std::find_if(polls.begin(), polls.end(), [&](const auto& x) { return x.witness != victim; });
    CAF_REQUIRE(again != polls.end());
    waits.push_back(seconds(again->begin - killed - stall_watch::here().between(killed, again->begin)));
  }
  std::string moved;
  for (const auto& [server, polls] : others)
    for (const auto& x : polls)
      if (x.witness != owners.at(server))
        moved += server + " of " + owners.at(server) + " by " + x.witness + " at " +
                 std::to_string(seconds(x.begin - killed)) + " s; ";
  CAF_CHECK_EQUAL(moved, "");
  CAF_CHECK_EQUAL(all.faults(others, killed).examples, "");
}

} // namespace

CAF_TEST(the servers of a killed node are taken over in time and nobody else notices) {
  nodes_options o;
  o.servers = 60 / slowdown;
  nodes all{o};
  CAF_REQUIRE(all.start_all(three));
  std::vector<double> waits;
  const int rounds = long_run() ? 30 : 3;
  for (int i = 0; i < rounds; ++i) {
    const auto victim = "n" + std::to_string(i % 3 + 1);
    kill_one(all, victim, waits);
    all.start(victim);
    CAF_REQUIRE(all.shared_by(three));
    CAF_REQUIRE(all.polled_by(three));
  }
  CAF_MESSAGE(rounds << " kills, " << waits.size() << " servers: polled again after p50 "
                     << quantile(waits, 0.5) << " s, p99 " << quantile(waits, 0.99) << " s, at most "
                     << quantile(waits, 1) << " s");
  // The lease ends up to half a second late, as etcd looks; then it is the server's turn within an interval.
  CAF_CHECK_LESS(quantile(waits, 0.5), seconds(lease_ttl + 1s));
  CAF_CHECK_LESS(quantile(waits, 1), seconds(lease_ttl + 700ms + nodes::interval));
}

CAF_TEST(of five nodes two may die at once) {
  const nodes::weights five{{"n1", 1}, {"n2", 1}, {"n3", 1}, {"n4", 1}, {"n5", 1}};
  nodes_options o;
  o.servers = 60 / slowdown;
  nodes all{o};
  CAF_REQUIRE(all.start_all(five));
  const auto begin = poll_clock::now() - nodes::interval;
  all.kill("n2");
  all.kill("n4");
  const nodes::weights rest{{"n1", 1}, {"n3", 1}, {"n5", 1}};
  CAF_CHECK(all.shared_by(rest));
  CAF_CHECK(all.polled_by(rest));
  CAF_CHECK_EQUAL(all.faults(begin).overlaps, 0u);
}
