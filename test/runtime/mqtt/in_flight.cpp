#define CAF_SUITE runtime.mqtt.in_flight
#include "test/support/unit_test.hpp"

#include "runtime/mqtt/in_flight.hpp"

using senseflow::runtime::mqtt_in_flight;
using tokens = std::vector<uint64_t>;

namespace {

struct fixture {
  mqtt_in_flight aut;

  /// Its packet has the number of its token.
  uint64_t add(uint64_t token, uint8_t qos) {
    auto serial = aut.add(token, qos);
    aut.set_packet(serial, qos > 0 ? static_cast<int>(token) : 0);
    return serial;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(mqtt_in_flight_tests, fixture)

CAF_TEST(a lost connection ends all but what a session continues) {
  for (uint64_t token : {1u, 2u}) add(token, 0);
  for (uint64_t token : {3u, 4u}) add(token, 1);
  for (uint64_t token : {5u, 6u}) add(token, 2);
  auto lost = aut.take_lost([](int packet) { return packet % 2 == 1; });
  CAF_CHECK_EQUAL(lost.failed, (tokens{1, 3})); // of QoS 0 the oldest, of QoS 1 what was sent
  CAF_CHECK_EQUAL(lost.unsent, (tokens{2, 4, 6}));
  CAF_CHECK_EQUAL(aut.size(), 1u);
  aut.complete_first();
  CAF_CHECK(aut.being_completed());
  CAF_CHECK(!aut.take_packet(3));
  CAF_CHECK_EQUAL(aut.take_packet(5).value_or(0), 5u);
  CAF_CHECK(!aut.being_completed());
  CAF_CHECK(aut.empty());
}

CAF_TEST(what was being handed over at that moment is decided when its packet is known) {
  auto one = aut.add(1, 1), two = aut.add(2, 1), three = aut.add(3, 2), four = aut.add(4, 2);
  auto lost = aut.take_lost([](int) { return true; });
  CAF_CHECK(lost.failed.empty() && lost.unsent.empty());
  CAF_CHECK_EQUAL(aut.decide(one, 1, true).failed, (tokens{1}));
  CAF_CHECK_EQUAL(aut.decide(two, 2, false).unsent, (tokens{2}));
  auto continued = aut.decide(three, 3, true);
  CAF_CHECK(continued.failed.empty() && continued.unsent.empty());
  CAF_CHECK_EQUAL(aut.decide(four, 4, false).unsent, (tokens{4}));
  auto again = aut.decide(one, 1, true);
  CAF_CHECK(again.failed.empty() && again.unsent.empty()); // it has ended
  CAF_CHECK_EQUAL(aut.take_packet(3).value_or(0), 3u);
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.with_acknowledgement(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
