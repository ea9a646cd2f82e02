#define CAF_SUITE system.polls_beside_events
#include "test/support/unit_test.hpp"

#include "test/system/event_load.hpp"
#include "test/system/own_site.hpp"

using namespace senseflow;
using namespace senseflow::test;

// A health sample has more messages than a broker with mosquitto's defaults takes at a time.
CAF_TEST(many polled servers and a steady load of events do not hold each other up) {
  temp_dir directory;
  mosquitto_broker broker;
  system_config c;
  const auto site = start_site(directory, c, 60);
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  c.site = site.get();
  c.polling_ms = 1000 * static_cast<int>(slowdown);
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  event_load load{c, 300.0 / slowdown};
  CAF_REQUIRE(load.go_on(6s * slowdown));
  load.stop();
  CAF_REQUIRE(aut.at_rest(20s));
  const auto book = aut.ledger_now();
  for (const auto* cls : {"userevent", "logevent"}) {
    CAF_CHECK_GREATER(book[cls]["published"].get<int>(), 200);
    CAF_CHECK(book[cls]["dropped"].empty());
  }
  int dropped = 0;
  for (const auto& [reason, n] : book["health"]["dropped"].items()) dropped += n.get<int>();
  const auto published = book["health"]["published"].get<int>();
  CAF_CHECK_GREATER(published, 180);      // of six rounds of sixty; the start is slow
  CAF_CHECK_LESS(dropped, published / 2); // a machine that stalls has rounds superseded by the next one
  CAF_CHECK_EQUAL(aut.stop(), 0);
}
