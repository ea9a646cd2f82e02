#define CAF_SUITE actors.delivery.outbox.item_clock
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/item_clock.hpp"

using senseflow::actors::item_clock;
using namespace std::chrono_literals;

namespace {

struct fixture {
  int64_t wall = 1'700'000'000'000;
  item_clock aut{[this] { return wall; }};
  item_clock::time_point now{1h};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(item_clock_tests, fixture)

CAF_TEST(it goes on from where the wall clock was whatever that does then) {
  CAF_CHECK_EQUAL(aut.unix_ms(now), 1'700'000'000'000);
  for (int64_t step : {-1'000'000'000'000L, 0L, 1'000'000'000'000L}) {
    wall = 1'700'000'000'000 + step;
    now += 10s;
    CAF_CHECK_EQUAL(aut.unix_ms(now) % 1'000'000, (now - item_clock::time_point{1h}) / 1ms);
  }
}

CAF_TEST(an earlier process is believed unless its date can not be right) {
  CAF_CHECK_EQUAL(aut.of_earlier(1'600'000'000'000, now), 1'600'000'000'000);
  CAF_CHECK_EQUAL(aut.of_earlier(1'700'000'000'001, now), 1'700'000'000'000); // the future
  CAF_CHECK_EQUAL(aut.of_earlier(1'000'000, now), 1'700'000'000'000);         // 1970: the clock was not set
  now += 1h;
  CAF_CHECK_EQUAL(aut.of_earlier(1'700'000'000'001, now), 1'700'000'000'000);
}

CAF_TEST_FIXTURE_SCOPE_END()
