#define CAF_SUITE messages.insights.clock_watch
#include "test/support/unit_test.hpp"

#include "messages/insights/clock_watch.hpp"

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

namespace {

struct fixture {
  moment now{caf::timestamp{} + 20'000 * 24h, std::chrono::steady_clock::time_point{1000h}};
  clock_watch aut;

  /// And the clock is set meanwhile.
  clock_watch::nanoseconds pass(caf::timespan t, caf::timespan set = 0s) {
    now.wall += t + set;
    now.steady += t;
    return aut.set_by(now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(clock_watch_tests, fixture)

CAF_TEST(a clock that is disciplined is not set) {
  CAF_CHECK(pass(0s) == 0s);
  for (int i = 0; i < 100; ++i) CAF_CHECK(pass(1s, 500ms) == 0s);
  for (int i = 0; i < 100; ++i) CAF_CHECK(pass(1s, -500ms) == 0s);
  CAF_CHECK(pass(24h) == 0s);
  CAF_CHECK(pass(1s, 501ms) == 501ms);
  CAF_CHECK(pass(1s) == 0s);
  CAF_CHECK(pass(1s, -3h) == -3h);
  CAF_CHECK(pass(1s) == 0s);
}

CAF_TEST(what was noted before it was set is told by the clock of now) {
  pass(0s);
  const auto noted = now.wall;
  CAF_CHECK(aut.corrected(noted) == noted);
  for (const caf::timespan by : {caf::timespan{2h}, caf::timespan{-2h}}) {
    pass(10s);
    const auto before = now.wall;
    pass(1s, by);
    CAF_CHECK(aut.corrected(before) == now.wall - 1s);
    CAF_CHECK(aut.corrected(before - 9s) == now.wall - 10s);
    CAF_CHECK(aut.corrected(now.wall - 500ms) == now.wall - 500ms);
    pass(1min);
    CAF_CHECK(aut.corrected(before) == now.wall - 61s);
    CAF_CHECK(aut.corrected(now.wall - 1min) == now.wall - 1min);
  }
}

CAF_TEST(nothing is later than now) {
  pass(0s);
  pass(1s, 1h);
  CAF_CHECK(aut.corrected(now.wall + 1ms) == now.wall); // looked at a moment ago
  CAF_CHECK(aut.corrected(now.wall + 9h) == now.wall);
}

CAF_TEST_FIXTURE_SCOPE_END()
