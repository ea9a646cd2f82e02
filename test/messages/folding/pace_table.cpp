#define CAF_SUITE messages.folding.pace_table
#include "test/support/unit_test.hpp"

#include "messages/folding/pace_table.hpp"
#include "test/support/dice.hpp"

#include <cmath>
#include <deque>

using namespace senseflow;
using namespace senseflow::messages;
using namespace std::chrono_literals;
using pace = pace_table::pace;

namespace {

const pace_table::time_point start{1000s};

} // namespace

CAF_TEST(as many as the rate may come at once and no more) {
  pace_table aut{8};
  for (int i = 0; i < 5; ++i) CAF_CHECK(aut.arrived(1, 5, start) == pace::slow);
  CAF_CHECK(aut.arrived(1, 5, start) == pace::fast);
  CAF_CHECK(aut.arrived(2, 5, start) == pace::slow);
}

CAF_TEST(while it goes on all are fast and soon after it none) {
  pace_table aut{8};
  auto now = start;
  int slow = 0;
  for (int i = 0; i < 10'000; ++i, now += 1ms) slow += aut.arrived(1, 10, now) == pace::slow;
  CAF_CHECK_EQUAL(slow, 10);
  now += 200ms;
  CAF_CHECK(aut.arrived(1, 10, now) == pace::slow);
}

CAF_TEST(exactly the rate is slow for ever) {
  pace_table aut{8};
  auto now = start;
  int slow = 0;
  for (int i = 0; i < 100'000; ++i, now += 100ms) slow += aut.arrived(1, 10, now) == pace::slow;
  CAF_CHECK_EQUAL(slow, 100'000);
}

CAF_TEST(without a place a pace is unknown until one is free) {
  pace_table aut{1}; // that is 8
  for (uint64_t i = 0; i < 8; ++i) CAF_CHECK(aut.arrived(i, 1, start) == pace::slow);
  CAF_CHECK(aut.arrived(8, 1, start) == pace::unknown);
  CAF_CHECK(aut.arrived(7, 1, start) == pace::fast);
  CAF_CHECK(aut.arrived(8, 1, start + 1s) == pace::slow);
  CAF_CHECK(aut.arrived(7, 1, start + 1s) == pace::fast);
  CAF_CHECK(aut.arrived(7, 1, start + 3s) == pace::slow);
}

CAF_TEST(fast is only what comes faster in some stretch of time) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    test::dice dice{seed};
    pace_table aut{8};
    const auto rate = static_cast<uint32_t>(dice.from_to(1, 20));
    std::deque<double> times; // seconds
    int unfounded = 0;
    auto now = start;
    for (int i = 0; i < 2000; ++i) {
      now += dice.one_in(50) ? dice.ms(0, 3000) : dice.ms(0, static_cast<int>(3000 / rate));
      times.push_front(std::chrono::duration<double>(now - start).count());
      const bool fast = aut.arrived(1, rate, now) == pace::fast;
      if (!fast) continue;
      bool found = false;
      for (size_t n = 1; n <= times.size() && !found; ++n)
        found = static_cast<double>(n) > rate * (times.front() - times[n - 1] + 1) - 1e-6;
      unfounded += !found;
    }
    CAF_CHECK_EQUAL(unfounded, 0);
  }
}

CAF_TEST(what never comes more than the rate in any second is never fast) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    test::dice dice{seed};
    pace_table aut{8};
    const auto rate = static_cast<uint32_t>(dice.from_to(1, 20));
    std::deque<pace_table::time_point> second; // those of the last one
    auto now = start;
    int fast = 0;
    for (int i = 0; i < 5000; ++i) {
      now += dice.ms(0, 100);
      while (!second.empty() && now - second.front() >= 1s) second.pop_front();
      if (second.size() >= rate) continue;
      second.push_back(now);
      fast += aut.arrived(1, rate, now) != pace::slow;
    }
    CAF_CHECK_EQUAL(fast, 0);
  }
}
