#define CAF_SUITE system.crashes
#include "test/support/unit_test.hpp"

#include "test/support/conservation.hpp"
#include "test/system/event_load.hpp"
#include "test/system/own_site.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  witness seen{sub};
  system_config c;

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.more = "  ledger: {interval: 200}\n";
  }

  void nothing_is_lost(senseflow_process& aut, const bench::generator_summary& sent) {
    CAF_CHECK(aut.at_rest(20s));
    CAF_CHECK(aut.process().running());
    CAF_CHECK(seen.ledger_goes_on());
    CAF_CHECK(sub.settle());
    seen.wait_for([](const witness&) { return true; });
    CAF_CHECK_EQUAL(seen.ledgers().wrong, "");
    CAF_CHECK_EQUAL(aut.stop(), 0);
    auto book = aut.ledger();
    for (auto cls : event_classes) {
      CAF_MESSAGE(cls << ": " << book[cls].dump() << ", duplicates " << seen.of(cls).duplicates);
      // Twice only what a dying publisher had not seen acknowledged.
      CAF_CHECK_EQUAL(violations(cls, book, seen.of(cls), sent_of(sent, cls)), "");
      CAF_CHECK(book[cls]["dropped"].empty());
      CAF_CHECK_EQUAL(seen.of(cls).numbers.size(), sent_of(sent, cls));
    }
    CAF_CHECK_EQUAL(occurrences(aut.output(), "does not balance"), 0u);
    CAF_CHECK_EQUAL(occurrences(aut.output(), "accounting fault"), 0u);
  }
};

/// Each of them dies in both ways, the next one when this one was restarted and events keep coming.
size_t kill_each(senseflow_process& aut, subscriber& sub, const std::vector<std::string>& names) {
  size_t killed = 0;
  for (const std::string how : {"crash", "kill"})
    for (const auto& who : names) {
      CAF_MESSAGE(how << " " << who);
      auto ends = occurrences(aut.output(), who + " failed (");
      aut.control(how + " " + who);
      ++killed;
      CAF_REQUIRE(eventually([&] { return occurrences(aut.output(), who + " failed (") > ends; }));
      CAF_REQUIRE(sub.wait_for_count(sub.count() + 500));
    }
  return killed;
}

/// All of them whenever they are there; the exit code.
int crash_until_it_ends(senseflow_process& aut, const std::vector<std::string>& names) {
  const auto deadline = std::chrono::steady_clock::now() + 150s;
  while (std::chrono::steady_clock::now() < deadline) {
    try {
      for (const auto& who : names) aut.control("crash " + who);
    } catch (const std::exception&) { // it has ended
    }
    if (auto code = aut.process().wait(20ms)) return *code;
  }
  return -1;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(crash_tests, fixture)

CAF_TEST(each kind of actor can die under load and no event is lost) {
  const auto site = start_site(directory, c, 2);
  c.site = site.get();
  c.sessions = c.app_names = true;
  c.polling_ms = 200;
  c.actors =
      "publishers: {count: 2}, "
      "supervision: {maxRestarts: 1000, initialDelay: 10, maxDelay: 100}, reconnect: {initialDelay: 10, "
      "maxDelay: 100}";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c};
  CAF_REQUIRE(sub.wait_for_count(100));

  auto killed = kill_each(aut, sub,
                          {"delivery/outbox", "delivery/spool", "delivery/ledger", "delivery/publisher-1",
                           "delivery/publisher-2", "encoding/encoder", "ingest/user-events",
                           "ingest/log-events", "polling/sense1", "lookup/app-directory", "delivery",
                           "encoding", "lookup", "ingest", "polling"});
  auto sent = events.stop();
  CAF_MESSAGE("killed " << killed << " actors over " << sent.seconds << " s, events sent: " << sent.total);
  nothing_is_lost(aut, sent);
}

CAF_TEST(
    in journal mode what stands between the encoders and the broker can die under load and no event is lost) {
  c.actors = "publishers: {count: 2}, supervision: {maxRestarts: 1000, initialDelay: 10, maxDelay: 100}, "
             "reconnect: {initialDelay: 10, maxDelay: 100}";
  c.more += "  delivery: {mode: journal, spool: {path: " + (directory / "spool") + "}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c};
  CAF_REQUIRE(sub.wait_for_count(100));
  kill_each(aut, sub, {"delivery/spool", "delivery/outbox", "delivery/publisher-1", "delivery"});
  nothing_is_lost(aut, events.stop());
}

CAF_TEST(with the default settings each kind of actor can die under load and no event is lost) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c};
  CAF_REQUIRE(sub.wait_for_count(100));
  for (const std::string how : {"crash ", "crash-inside 3 "})
    for (const std::string who :
         {"delivery/outbox", "delivery/spool", "delivery/publisher-1", "encoding/encoder",
          "ingest/user-events", "ingest/log-events", "delivery"}) {
      if (how != "crash " && (who == "delivery/publisher-1" || who == "delivery")) continue; // no estate
      if (how != "crash " && who == "delivery/spool") continue;                              // nothing to do
      CAF_MESSAGE(how << who);
      const auto ends = occurrences(aut.output(), who + " failed (");
      aut.control(how + who);
      CAF_REQUIRE(eventually([&] { return occurrences(aut.output(), who + " failed (") > ends; }));
      CAF_REQUIRE(sub.wait_for_count(sub.count() + 300));
    }
  nothing_is_lost(aut, events.stop());
}

CAF_TEST(want of memory in the midst of what outlives the actors stops none of them and no event is lost) {
  c.more += "  delivery: {mode: journal, spool: {path: " + (directory / "spool") + "}}\n";
  senseflow_process aut{
      directory,
      c.text(),
      {},
      {"env", "LD_PRELOAD=" + binary_path("libscarce_memory.so"), "ASAN_OPTIONS=verify_asan_link_order=0"}};
  CAF_REQUIRE(aut.ready());
  event_load events{c};
  CAF_REQUIRE(sub.wait_for_count(100));
  for (int number = 1; number <= 40; ++number) {
    for (const std::string who : {"delivery/outbox", "delivery/spool", "delivery/ledger", "encoding/encoder",
                                  "ingest/user-events", "ingest/log-events"})
      aut.control("starve " + std::to_string(number) + " 0 " + who);
    CAF_REQUIRE(sub.wait_for_count(sub.count() + 50));
  }
  CAF_CHECK(aut.says("memory ran out; what was under way was finished with the reserve"));
  CAF_CHECK_EQUAL(occurrences(aut.output(), " failed ("), 0u);
  nothing_is_lost(aut, events.stop());
}

// Its hang is found after 30 s; then its replacements fail until it is back.
CAF_TEST(with the default settings an actor that hangs inside of what outlives it costs nothing) {
  if (!long_run()) return;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c, 200};
  CAF_REQUIRE(sub.wait_for_count(100));
  aut.control("hang-inside 45000 0 delivery/outbox");
  CAF_CHECK(aut.says("delivery/outbox is not responding; starting a replacement", 50s));
  CAF_CHECK(aut.says("delivery/outbox failed (its predecessor is still inside); restarting in"));
  CAF_REQUIRE(eventually(
      [&] { return !aut.process().running() || sub.wait_for_count(sub.count() + 2000, 1s); }, 60s));
  nothing_is_lost(aut, events.stop());
}

CAF_TEST(a branch whose actors fail more often than the default settings allow ends the process) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  const auto began = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(crash_until_it_ends(
                      aut, {"delivery/outbox", "delivery/spool", "delivery/publisher-1", "delivery/ledger"}),
                  2);
  CAF_CHECK(std::chrono::steady_clock::now() - began < 60s);
  CAF_CHECK(aut.says("delivery/outbox failed (crash on request); restarting in"));
  CAF_CHECK(aut.says("restart limit reached, more than 10 failures within 60 s"));
  CAF_CHECK(aut.says("restart limit reached; exiting with code 2"));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "delivery failed"), 0u); // once is enough
}

// The back-off alone takes 81 s.
CAF_TEST(with the default settings an actor that fails at every start ends the process) {
  if (!long_run()) return;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_CHECK_EQUAL(crash_until_it_ends(aut, {"ingest/user-events"}), 2);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "ingest/user-events failed ("), 11u);
  CAF_CHECK(aut.says("restart limit reached, 11 failures without a run of 60 s between them"));
  CAF_CHECK(aut.says("restart limit reached; exiting with code 2"));
}

CAF_TEST_FIXTURE_SCOPE_END()
