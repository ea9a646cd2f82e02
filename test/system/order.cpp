#define CAF_SUITE system.order
#include "test/support/unit_test.hpp"

#include "test/support/conservation.hpp"
#include "test/support/tcp_proxy.hpp"
#include "test/system/event_load.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr size_t publishers = 8;

struct fixture {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  tcp_proxy network{broker.port()};
  subscriber sub{{broker.port(), "butler-sos/#", 1, {}, {}, {}, 5}};
  witness seen{sub};
  system_config c;

  fixture() {
    c.broker_port = network.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.actors =
        "publishers: {count: " + std::to_string(publishers) + "}, reconnect: {initialDelay: 5, maxDelay: 20}";
    c.more = "  delivery: {replay: {delay: 0, rate: 0}, spool: {path: " + (directory / "spool") + "}}\n";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(order_tests, fixture)

// At such a rate connections end while messages are being handed to them, and with messages written, half
// written and not written.
CAF_TEST(events of a host keep their order while connections are cut again and again) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load events{c, 3000};
  const auto until = std::chrono::steady_clock::now() + (long_run() ? 60s : 6s);
  size_t cuts = 0;
  for (; std::chrono::steady_clock::now() < until; ++cuts) {
    CAF_REQUIRE(
        eventually([&] { return occurrences(broker.log(), " as senseflow-") >= (cuts + 1) * publishers; }));
    CAF_CHECK(sub.wait_for_count(sub.count() + 100 * (cuts % 10))); // so much gets through
    if (cuts % 3 == 0) {
      network.freeze(cuts % 2 == 0 ? tcp_proxy::way::both : tcp_proxy::way::to_client);
      CAF_CHECK(events.go_on(5ms * (cuts % 8)));
    }
    network.cut();
    network.thaw();
  }
  const auto sent = events.stop();
  CAF_CHECK(aut.at_rest(60s));
  CAF_CHECK(sub.settle());
  seen.wait_for([](const witness&) { return true; });
  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto book = aut.ledger();
  CAF_MESSAGE(cuts << " cuts, " << sent.total << " events, " << seen.duplicates() << " duplicates");
  for (auto cls : event_classes) CAF_CHECK_EQUAL(violations(cls, book, seen.of(cls), sent_of(sent, cls)), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
