#define CAF_SUITE system.journal
#include "test/support/unit_test.hpp"

#include "test/support/spool_file.hpp"
#include "test/system/event_load.hpp"
#include "test/system/lasting_sessions.hpp"

#include <algorithm>
#include <random>

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr double rate = 1000.0 / slowdown;

struct fixture : lasting_sessions {
  fixture() {
    c.actors = "reconnect: {initialDelay: 20, maxDelay: 100}";
    c.more = "  delivery: {mode: journal, spool: {path: " + (directory / "spool") +
             "}, replay: {delay: 0, rate: " + std::to_string(2000 / slowdown) +
             "}}\n"; // so that kills come in the middle of it
  }

  bool has(uint64_t number) const {
    for (auto cls : event_classes)
      if (seen.of(cls).numbers.count(number) > 0) return true;
    return false;
  }
};

/// What was sent to one run of the program, and what its end left.
struct run {
  uint64_t first = 0, end = 0; ///< numbers sent: first <= n < end
  std::set<uint64_t> on_disk;  ///< when it had been killed
  uint64_t known_lost = 0;     ///< what the next run's ledger says
};

uint64_t lost_before(const nlohmann::json& book) {
  uint64_t n = 0;
  for (auto cls : event_classes) n += book[cls].value("lostBefore", uint64_t{0});
  return n;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tests, fixture)

// Events in flight by UDP when the program dies are lost by nature. The load ends with the kill, so what is
// lost is what was in the program or the kernel and not committed yet, and the event or two sent before the
// load's end.
CAF_TEST(a program killed again and again under load loses nothing that it had committed) {
  const size_t kills = long_run() ? 50 : 5;
  const auto* given = std::getenv("SENSEFLOW_SEED");
  const auto seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  CAF_MESSAGE("SENSEFLOW_SEED=" << seed);
  std::mt19937_64 random{seed};
  auto some = [&](int from, int to) {
    return std::chrono::milliseconds(std::uniform_int_distribution<int>{from, to}(random));
  };

  std::vector<run> runs(kills);
  bool broker_here = true;
  uint64_t next = 0;
  for (size_t i = 0; i < kills; ++i) {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(aut.says("receiving user events"));
    CAF_REQUIRE(aut.says("receiving log events"));
    if (i > 0) runs[i - 1].known_lost = lost_before(aut.ledger_now());
    if (!broker_here) {
      broker.start();
      broker_here = true;
    }
    event_load events{c, rate, next};
    CAF_CHECK(events.go_on(some(100, 900)));
    if (i % 3 == 1) { // the broker has gone a moment before, or just now
      broker.stop();
      broker_here = false;
      CAF_CHECK(events.go_on(some(0, 400)));
    }
    aut.process().signal(SIGKILL);
    const auto& sent = events.stop();
    CAF_REQUIRE_EQUAL(aut.process().wait().value_or(-1), 128 + SIGKILL);
    runs[i].first = next;
    runs[i].end = next += sent.total;
    runs[i].on_disk = abandoned_events(directory / "spool");
  }

  if (!broker_here) broker.start();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  runs.back().known_lost = lost_before(aut.ledger_now());
  CAF_CHECK(aut.at_rest(60s));
  CAF_CHECK(sub.settle());
  seen.wait_for([](const witness&) { return true; });
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger();

  size_t committed = 0, missing = 0;
  uint64_t lost = 0, worst = 0;
  std::string by_run;
  for (const auto& r : runs) {
    committed += r.on_disk.size();
    missing += static_cast<size_t>(
        std::count_if(r.on_disk.begin(), r.on_disk.end(), [&](uint64_t n) { return !has(n); }));
    uint64_t lost_here = 0, oldest = r.end;
    for (auto n = r.first; n < r.end; ++n)
      if (!has(n)) {
        ++lost_here;
        oldest = std::min(oldest, n);
      }
    lost += lost_here;
    worst = std::max(worst, r.end - oldest);
    by_run += " " + std::to_string(lost_here) + "(" + std::to_string(r.known_lost) + ")";
    CAF_CHECK_LESS_OR_EQUAL(r.known_lost, lost_here);
  }
  CAF_MESSAGE("sent " << next << ", found on disk after the kills " << committed << ", of these missing "
                      << missing << ", duplicates " << seen.duplicates());
  CAF_MESSAGE("lost " << lost << " in " << kills
                      << " kills; by kill (of these known to the next run):" << by_run
                      << "; the oldest was sent " << worst / rate * 1000 << " ms before the end of the load");
  CAF_CHECK_EQUAL(missing, 0u);
  // Batches and the commit interval (delivery.journal.maxDelay, 10 ms) make some 20 events on a quiet
  // machine; the bound leaves time for a slow disk and busy cores.
  CAF_CHECK_LESS(worst, static_cast<uint64_t>(rate / 2 * slowdown));
  for (auto cls : event_classes) {
    CAF_CHECK_EQUAL(seen.of(cls).disorder, 0u);
    CAF_CHECK_EQUAL(seen.of(cls).first_disorder, "");
    CAF_CHECK(book[cls]["dropped"].empty());
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
