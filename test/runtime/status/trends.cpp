#define CAF_SUITE runtime.status.trends
#include "test/support/unit_test.hpp"

#include "runtime/status/trends.hpp"
#include "runtime/status/words.hpp"

#include "test/support/node_facts.hpp"

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

struct fixture {
  facts x = test::healthy_node();
  trend_keeper aut;

  ledger_line& events() { return x.lines[static_cast<size_t>(item_class::user_event)]["host1"]; }
  /// So long, a look a second.
  template <class F>
  trends go_on(std::chrono::seconds t, F each) {
    trends result;
    for (auto i = 0s; i < t; ++i) {
      test::pass(x, 1s);
      each();
      result = aut.add(x);
    }
    return result;
  }
  trends go_on(std::chrono::seconds t) {
    return go_on(t, [] {});
  }
};

bool about(double a, double b) { return a > b * 0.9 && a < b * 1.1; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(trends_tests, fixture)

CAF_TEST(a lookback gives what was so long ago and keeps no more than it needs) {
  lookback<int> b{10s, 1s};
  const auto begin = std::chrono::steady_clock::time_point{};
  CAF_CHECK_EQUAL(b.before(), 0);
  for (int i = 1; i <= 100; ++i) {
    b.add(begin + i * 500ms, i);
    if (i == 5) CAF_CHECK_EQUAL(b.before(), 1); // the oldest
  }
  CAF_CHECK_EQUAL(b.before(), 79); // 100 at 50 s, 80 at 40 s
  CAF_CHECK(b.age(begin + 50s) >= 10s && b.age(begin + 50s) < 11s);
}

CAF_TEST(rates are those of the last seconds) {
  CAF_CHECK(aut.add(x).received[static_cast<size_t>(item_class::user_event)] == 0);
  auto t = go_on(30s, [&] {
    events().received += 100;
    events().published += 50;
  });
  CAF_CHECK(about(t.received[static_cast<size_t>(item_class::user_event)], 100));
  CAF_CHECK(about(t.published[static_cast<size_t>(item_class::user_event)], 50));
  CAF_CHECK(t.seconds >= 10 && t.seconds <= 11);
  t = go_on(15s);
  CAF_CHECK(t.received[static_cast<size_t>(item_class::user_event)] == 0);
}

CAF_TEST(work is a share of the time) {
  auto& w = x.work["encoding/encoder"];
  const auto t = go_on(20s, [&] {
    w.busy += 250ms;
    w.waited += 1s;
  });
  CAF_CHECK(about(t.work.at("encoding/encoder").busy, 0.25));
  CAF_CHECK(about(t.work.at("encoding/encoder").waited, 1));
  CAF_CHECK(t.work.at("encoding/encoder").refused == 0);
}

CAF_TEST(losses count for an hour and from the start of the process) {
  events().dropped["memory_full"] = 3; // before anybody looked
  x.began = x.when - 1min;
  auto t = aut.add(x);
  CAF_CHECK_EQUAL(t.lost_lately.total(), 3u);
  t = go_on(3500s);
  CAF_CHECK_EQUAL(t.lost_lately.total(), 3u);
  events().kernel_drops = 2;
  t = go_on(200s);
  CAF_CHECK_EQUAL(t.lost_lately.total(), 2u);
  CAF_CHECK(t.lost_lately.by_reason.empty());
  t = go_on(3700s);
  CAF_CHECK_EQUAL(t.lost_lately.total(), 0u);
}

CAF_TEST(a source was seen when it last sent something) {
  auto t = aut.add(x);
  const auto first = x.at;
  t = go_on(60s);
  CAF_CHECK(t.seen.at(item_class::user_event).at("host1") == first);
  ++events().received;
  t = go_on(1s);
  CAF_CHECK(t.seen.at(item_class::user_event).at("host1") == x.at);
}

CAF_TEST(failures of components count for a quarter of an hour) {
  x.components["delivery/outbox"].restarts = 2;
  x.began = x.when - 10s;
  auto t = aut.add(x);
  CAF_CHECK_EQUAL(t.failures.at("delivery/outbox"), 2u);
  t = go_on(1000s);
  CAF_CHECK_EQUAL(t.failures.at("delivery/outbox"), 0u);
}

CAF_TEST(the growth on disk is that of the last minutes) {
  const auto t = go_on(400s, [&] { x.spool->bytes += 1000; });
  CAF_CHECK(about(t.disk_growth, 1000));
}

CAF_TEST(storms are those of the last five minutes) {
  auto& folded = x.lines[static_cast<size_t>(item_class::log_event)]["host2"].filtered["folded"];
  auto t = go_on(60s, [&] { folded += 10; });
  CAF_CHECK_EQUAL(t.folded.at("host2"), 600u);
  CAF_CHECK_EQUAL(t.folded.size(), 1u);
  t = go_on(320s);
  CAF_CHECK(t.folded.empty());
}

CAF_TEST(latencies are those of the last minute) {
  histogram ack;
  ack.observe(2s);
  x.timings.acknowledgement = ack.counts();
  auto t = go_on(10s);
  CAF_CHECK_EQUAL(t.acknowledgement.count(), 1u);
  t = go_on(70s);
  CAF_CHECK_EQUAL(t.acknowledgement.count(), 0u);
}

CAF_TEST(durations and sizes read as people say them) {
  CAF_CHECK_EQUAL(in_words(1500ms), "1 s");
  CAF_CHECK_EQUAL(in_words(119s), "119 s");
  CAF_CHECK_EQUAL(in_words(2min), "2 min");
  CAF_CHECK_EQUAL(in_words(119min), "119 min");
  CAF_CHECK_EQUAL(in_words(47h), "47 h");
  CAF_CHECK_EQUAL(in_words(49h), "2 d");
  CAF_CHECK_EQUAL(in_bytes(1023), "1023 bytes");
  CAF_CHECK_EQUAL(in_bytes(1536), "1.5 KiB");
  CAF_CHECK_EQUAL(in_bytes(uint64_t{3} << 40), "3.0 TiB");
}

CAF_TEST_FIXTURE_SCOPE_END()
