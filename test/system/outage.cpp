#define CAF_SUITE system.outage
#include "test/support/unit_test.hpp"

#include "test/support/spool_file.hpp"
#include "test/system/event_load.hpp"
#include "test/system/lasting_sessions.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture : lasting_sessions {
  fixture() {
    c.actors = "reconnect: {initialDelay: 50, maxDelay: 500}";
    c.more = "  delivery: {spool: {path: " + (directory / "spool") + "}}\n"; // the rest is the default
  }
};

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

uint64_t mebibytes(uint64_t bytes) { return bytes >> 20; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(outage_tests, fixture)

CAF_TEST(what was sent while the broker was away arrives in order when it is back and nothing is lost) {
  const auto away = long_run() ? 60s : 3s;
  const auto rate = (long_run() ? 2000.0 : 1000.0) / slowdown;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c, rate};
  CAF_REQUIRE(seen.wait_for_distinct(500));
  auto memory_before = aut.peak_memory();

  broker.stop();
  auto left = std::chrono::steady_clock::now();
  // The outage itself goes on meanwhile: what has been sent is written down, so that a kill
  // would not cost it.
  CAF_CHECK(eventually(
      [&] { return spooled_events(directory / "spool").size() + rate / 4 > events.due() - seen.distinct(); },
      away));
  const auto so_far = std::chrono::steady_clock::now() - left;
  CAF_CHECK(events.go_on(
      std::chrono::ceil<std::chrono::milliseconds>(away - std::min<decltype(so_far)>(so_far, away))));
  auto memory_away = aut.peak_memory();
  broker.start();
  auto back = std::chrono::steady_clock::now();
  CAF_MESSAGE("away for " << seconds_since(left) << " s at " << rate << " events/s");

  // The load goes on: caught up is who is less than a second behind it.
  CAF_CHECK(seen.wait_for(
      [&](const witness& w) { return w.distinct() + static_cast<uint64_t>(rate) >= events.due(); },
      away + 30s));
  CAF_MESSAGE("caught up after " << seconds_since(back) << " s");
  CAF_CHECK(seen.wait_for_distinct(seen.distinct() + static_cast<size_t>(rate / 2)));

  const auto& sent = events.stop();
  CAF_REQUIRE_EQUAL(sent.refused, 0u);
  CAF_CHECK(aut.at_rest(20s));
  CAF_CHECK(sub.settle());
  CAF_CHECK(seen.wait_for_distinct(sent.total));
  auto memory = aut.peak_memory();
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_MESSAGE("sent " << sent.total << ", duplicates " << seen.duplicates() << ", most memory "
                      << mebibytes(memory_before) << " MiB before, " << mebibytes(memory_away)
                      << " MiB during the outage, " << mebibytes(memory) << " MiB in all");
  auto book = aut.ledger();
  for (auto cls : event_classes) {
    CAF_CHECK_EQUAL(violations(cls, book, seen.of(cls), sent_of(sent, cls), 0, true), "");
    CAF_CHECK(book[cls]["dropped"].empty());
    CAF_CHECK_EQUAL(book[cls]["kernelDrops"], 0);
    CAF_CHECK_EQUAL(seen.of(cls).numbers.size(), sent_of(sent, cls));
  }
  // delivery.memory.maxBytes is 64 MiB; what it takes to hold that, and the program itself, comes on top.
  CAF_CHECK_LESS(mebibytes(memory), 200u * memory_factor);
}

CAF_TEST_FIXTURE_SCOPE_END()
