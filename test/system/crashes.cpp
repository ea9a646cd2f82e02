#define CAF_SUITE system.crashes
#include <caf/test/unit_test.hpp>

#include "test/support/conservation.hpp"
#include "test/system/event_load.hpp"

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
  }

  void nothing_is_lost(senseflow_process& aut, const bench::generator_summary& sent) {
    CAF_CHECK(aut.at_rest(20s));
    CAF_CHECK(aut.process().running());
    CAF_CHECK(sub.settle());
    seen.wait_for([](const witness&) { return true; });
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
  }
};

/// Each of them dies in both ways, the next one when this one was restarted and events keep coming.
size_t kill_each(senseflow_process& aut, subscriber& sub, const std::vector<std::string>& names) {
  size_t killed = 0;
  for (const std::string how : {"crash", "kill"})
    for (const auto& who : names) {
      CAF_MESSAGE(how << " " << who);
      auto ends = occurrences(aut.output(), who + " ended (");
      aut.control(how + " " + who);
      ++killed;
      CAF_REQUIRE(eventually([&] { return occurrences(aut.output(), who + " ended (") > ends; }));
      CAF_REQUIRE(sub.wait_for_count(sub.count() + 500));
    }
  return killed;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(crash_tests, fixture)

CAF_TEST(each kind of actor can die under load and no event is lost) {
  bench::make_certificates(directory / "certs");
  bench::site_options o;
  o.servers = 2;
  o.certificates = directory / "certs";
  bench::site site{o};
  c.site = &site;
  c.certificates = directory / "certs";
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

  auto killed =
      kill_each(aut, sub,
                {"delivery/outbox", "delivery/spool", "delivery/ledger", "delivery/publisher-1",
                 "delivery/publisher-2", "encoding/encoder", "ingest/user-events", "ingest/log-events",
                 "polling/sense1", "polling/app-directory", "delivery", "encoding", "ingest", "polling"});
  auto sent = events.stop();
  CAF_MESSAGE("killed " << killed << " actors over " << sent.seconds << " s, events sent: " << sent.total);
  nothing_is_lost(aut, sent);
}

CAF_TEST(
    in journal mode what stands between the encoders and the broker can die under load and no event is lost) {
  c.actors = "publishers: {count: 2}, supervision: {maxRestarts: 1000, initialDelay: 10, maxDelay: 100}, "
             "reconnect: {initialDelay: 10, maxDelay: 100}";
  c.more = "  delivery: {mode: journal, spool: {path: " + (directory / "spool") + "}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c};
  CAF_REQUIRE(sub.wait_for_count(100));
  kill_each(aut, sub, {"delivery/spool", "delivery/outbox", "delivery/publisher-1", "delivery"});
  nothing_is_lost(aut, events.stop());
}

CAF_TEST(an actor that fails more often than the intensity ends the process with a clear message) {
  c.actors = "supervision: {maxRestarts: 1, initialDelay: 10, maxDelay: 20}";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving user events"));
  std::optional<int> code;
  for (int i = 0; i < 20 && !code; ++i) {
    try {
      aut.control("crash encoding/encoder");
    } catch (const std::exception&) { // it has ended
    }
    code = aut.process().wait(300ms);
  }
  CAF_REQUIRE(code);
  CAF_CHECK_EQUAL(*code, 2);
  CAF_CHECK(aut.says("encoding gives up"));
  CAF_CHECK(aut.says("the program gives up"));
}

CAF_TEST_FIXTURE_SCOPE_END()
