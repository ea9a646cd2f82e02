#define CAF_SUITE messages.insights.clock_skew

#include "test/support/unit_test.hpp"

#include "messages/insights/clock_skew.hpp"

#include <random>

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

namespace {

constexpr auto begin = 1'795'700'000s;

struct fixture {
  clock_skew aut;
  std::chrono::nanoseconds now{0};     ///< since the beginning
  std::chrono::nanoseconds ahead{0};   ///< the server's clock
  std::chrono::nanoseconds trip{20ms}; ///< of the answer; it is made in the middle

  caf::timestamp ours() const { return caf::timestamp{begin + now}; }
  std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::time_point{1h + now}; }

  void poll() {
    const auto asked = ours();
    now += trip / 2;
    const auto date = std::chrono::floor<std::chrono::seconds>(begin + now + ahead);
    now += trip / 2;
    aut.add(bounds_of(date, asked, ours()), steady());
  }
  skew_estimate estimate(std::optional<std::chrono::nanoseconds> events = {}) {
    return aut.estimate(events, steady()).value();
  }
  bool right(const skew_estimate& x) const {
    return ahead >= x.ahead - x.uncertainty && ahead <= x.ahead + x.uncertainty;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(clock_skew_tests, fixture)

CAF_TEST(one answer says it to half a second and half of its way) {
  CAF_CHECK(!aut.estimate({}, steady()));
  for (auto x : {0ms, 7300ms, -7300ms, 86400000ms, 400ms, 999ms}) {
    aut.forget();
    ahead = x;
    poll();
    CAF_CHECK(right(estimate()));
    CAF_CHECK(estimate().uncertainty == 510ms);
    CAF_CHECK_EQUAL(std::string{estimate().source}, "date");
    now += 1237ms;
  }
}

CAF_TEST(many answers say it better) {
  ahead = -3456ms;
  std::mt19937 random{4711};
  for (int i = 0; i < 20; ++i) {
    poll();
    CAF_CHECK(right(estimate()));
    now += std::chrono::milliseconds(29000 + random() % 2000);
  }
  CAF_CHECK(estimate().uncertainty < 120ms);
}

CAF_TEST(a clock that was set is known with the next answer) {
  for (int i = 0; i < 10; ++i, now += 30123ms) poll();
  ahead = 120s;
  poll();
  CAF_CHECK(right(estimate()));
  CAF_CHECK(estimate().uncertainty == 510ms);
}

CAF_TEST(events tell by how much it is ahead at least) {
  ahead = 2700ms;
  poll();
  const auto alone = estimate();
  const auto both = estimate(2690ms);
  CAF_CHECK_EQUAL(std::string{both.source}, "date+events");
  CAF_CHECK(right(both));
  CAF_CHECK(both.uncertainty < alone.uncertainty);
  CAF_MESSAGE("what can't be is left out");
  CAF_CHECK_EQUAL(std::string{estimate(10s).source}, "date");
  CAF_CHECK_EQUAL(std::string{estimate(-3s).source}, "date");
  CAF_MESSAGE("without answers there is nothing better");
  aut.forget();
  CAF_CHECK(right(estimate(2690ms)));
  CAF_CHECK_EQUAL(std::string{estimate(2690ms).source}, "events");
}

CAF_TEST(what is old does not count) {
  poll();
  now += 11min;
  CAF_CHECK(!aut.estimate({}, steady()));
}

CAF_TEST_FIXTURE_SCOPE_END()
