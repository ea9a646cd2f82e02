#define CAF_SUITE system.cluster_events
#include "test/support/unit_test.hpp"

#include "test/system/event_cluster.hpp"

#include <limits>

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr double rate = 200;

/// 2,000 events a second for a minute by hand, SENSEFLOW_LONG=1.
double rate_of_faults() { return long_run() ? 2000 * slowdown : rate; }

/// What is the same in all cases once nothing is on its way any more.
void check_end(event_cluster& s, size_t most_doubled) {
  s.load->stop();
  CAF_CHECK(s.at_rest());
  CAF_CHECK(s.catch_up());
  for (auto& n : s.nodes) n.run->process().signal(SIGTERM);
  for (auto& n : s.nodes)
    if (const auto code = n.run->stop(); code != 0)
      CAF_ERROR("exit code " << code << "\n" << n.run->output());
  CAF_CHECK(s.catch_up());
  const auto& x = s.seen;
  const auto reached = s.load->reached();
  CAF_MESSAGE(reached.size() << " events, " << x.missing(reached).size() << " missing, " << x.doubled()
                             << " doubled, " << x.repeated << " repeated, " << x.digests << " digests of "
                             << x.digest_bytes << " bytes, at most " << x.most_held
                             << " held back; doubled:" << x.examples());
  for (const auto& [node, events] : x.last_of_node) CAF_MESSAGE(node << ": " << events.dump());
  CAF_CHECK_EQUAL(x.missing(reached), std::vector<uint64_t>{});
  CAF_CHECK(x.doubled() <= most_doubled);
  CAF_CHECK_EQUAL(x.of_several_ids, 0u); // so whoever reads them can tell
  CAF_CHECK_EQUAL(x.without_id, 0u);
  CAF_CHECK_EQUAL(x.strangers, 0u);
  CAF_CHECK_EQUAL(x.wrong_ledgers, "");
  for (const auto& n : s.nodes) {
    const auto book = n.run->ledger();
    for (const auto* cls : event_classes) {
      CAF_CHECK_EQUAL(unlawful(cls, book.at(cls)), "");

      CAF_CHECK(book.at(cls).at("dropped").empty());
      CAF_CHECK_EQUAL(book.at(cls).at("kernelDrops").get<int>(), 0);
    }
    CAF_CHECK_EQUAL(occurrences(n.run->output(), "does not balance"), 0u);
    CAF_CHECK_EQUAL(occurrences(n.run->output(), "accounting fault"), 0u);
  }
}

} // namespace

CAF_TEST(each event that two nodes receive is published once and in the order of its origin) {
  event_cluster s;
  CAF_REQUIRE(s.start());
  s.send(rate);
  CAF_CHECK(s.load->go_on(4s));
  check_end(s, 0);
  CAF_CHECK_EQUAL(s.seen.late, "");
  CAF_CHECK_EQUAL(s.seen.repeated, 0u);
  CAF_CHECK_EQUAL(s.seen.by_node.size(), 2u);
  CAF_CHECK(s.seen.most_held > 0);
  uint64_t suppressed = 0;
  for (const auto& [node, events] : s.seen.last_of_node) {
    CAF_CHECK(events.at("duplicatePossible").empty());
    suppressed += events.at("suppressed").get<uint64_t>();
  }
  CAF_CHECK(suppressed > s.load->sent() / 2); // the last ledger is a little old
}

CAF_TEST(nodes that are killed and a broker that is restarted lose nothing and double little) {
  event_cluster s;
  CAF_REQUIRE(s.start());
  s.send(rate_of_faults(), long_run() ? 1000 : 50);
  s.load->lose(true);
  CAF_CHECK(s.load->go_on(1s));
  for (int kills = 0; kills < 2; ++kills) {
    // What reached only the one that is killed dies with it: it is held back in memory.
    s.load->lose(false);
    CAF_CHECK(s.load->go_on(4s));
    s.load->living(0, false);
    CAF_MESSAGE("killed at " << s.load->sent());
    s.nodes[0].run->process().signal(SIGKILL);
    s.nodes[0].run->process().wait();
    CAF_REQUIRE(s.start(0));
    s.load->living(0, true);
    CAF_CHECK(s.knows_both(0));
    s.load->lose(true);
    if (long_run()) CAF_CHECK(s.go_on_with_another_subscriber());
  }
  s.broker.stop();
  CAF_CHECK(s.load->go_on(1s));
  s.broker.start();
  for (int i = 0; i < (long_run() ? 4 : 0); ++i)
    CAF_CHECK(s.load->go_on(8s) && s.go_on_with_another_subscriber());
  CAF_CHECK(s.load->go_on(3s));
  check_end(s, 2 * 100);
}

CAF_TEST(a node that stops and comes back loses nothing and doubles nothing) {
  event_cluster s;
  CAF_REQUIRE(s.start());
  s.send(rate);
  CAF_CHECK(s.load->go_on(1s));
  for (size_t i : {0, 1}) {
    s.load->living(i, false);
    CAF_MESSAGE("stopped at " << s.load->sent());
    CAF_CHECK_EQUAL(s.nodes[i].run->stop(), 0);
    CAF_MESSAGE("started at " << s.load->sent());
    CAF_REQUIRE(s.start(i));
    s.load->living(i, true);
    CAF_CHECK(s.knows_both(i));
    CAF_CHECK(s.load->go_on(500ms));
  }
  check_end(s, 0);
}

CAF_TEST(when the broker does not pass on digests both nodes publish all and say so) {
  event_cluster s{{"topic readwrite butler-sos/#", "topic deny butler-sos/senseflow/cluster/#"}};
  CAF_REQUIRE(s.start());
  for (size_t i : {0, 1}) {
    CAF_CHECK(s.nodes[i].run->says("the MQTT broker does not pass on what nodes tell each other"));
  }
  s.send(rate);
  CAF_CHECK(s.load->go_on(1s));
  check_end(s, std::numeric_limits<size_t>::max());
  CAF_CHECK_EQUAL(s.seen.doubled(), s.load->sent());
  uint64_t possible = 0;
  for (const auto& [node, events] : s.seen.last_of_node)
    possible += events.at("duplicatePossible").value("no_channel", uint64_t{0});
  CAF_CHECK(possible > s.load->sent() / 2); // its own ones the owner takes for published by itself alone
}

CAF_TEST(a node that is frozen for longer than its lease loses nothing and doubles little) {
  event_cluster s;
  CAF_REQUIRE(s.start());
  s.send(rate);
  for (auto& n : s.nodes) {
    CAF_CHECK(s.load->go_on(1s));
    n.run->process().signal(SIGSTOP);
    CAF_CHECK(s.load->go_on(4s));
    n.run->process().signal(SIGCONT);
  }
  CAF_CHECK(s.load->go_on(2s));
  check_end(s, 2 * 50); // what it had published and not yet announced
}
