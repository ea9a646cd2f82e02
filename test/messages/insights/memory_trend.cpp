#define CAF_SUITE messages.insights.memory_trend
#include "test/support/unit_test.hpp"

#include "memory_ramps.hpp"
#include "messages/insights/memory_trend.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using messages::insights::memory_outlook;
using messages::insights::memory_trend;

namespace {

struct fixture {
  memory_trend aut;
  memory_trend::time_point now{1000h};

  memory_outlook poll(double part, std::chrono::milliseconds later = 30s) {
    now += later;
    aut.add(now, part * memory_limit, memory_limit);
    return aut.look({});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(memory_trend_tests, fixture)

CAF_TEST(growth is that of most polls whatever a few say) {
  for (int i = 0; i < 30; ++i) poll(i % 9 == 4 ? 0.9 : 0.2 + 0.001 * i);
  const auto x = poll(0.23);
  CAF_CHECK(std::abs(x.growth * 30 / memory_limit - 0.001) < 0.0001);
  CAF_CHECK(x.left && std::abs(static_cast<double>(x.left->count()) - 770 * 30) < 1000);
  CAF_CHECK(!x.imminent && !x.soon);
}

CAF_TEST(what shrinks or stays is never full) {
  CAF_CHECK(!aut.look({}).left);
  for (int i = 0; i < 70; ++i) CAF_CHECK(!poll(0.9 - 0.001 * i).left);
  CAF_CHECK(aut.look({}).growth < 0);
}

CAF_TEST(an app that is loaded is one step and no growth to the limit) {
  for (int i = 0; i < 10; ++i) poll(0.5);
  for (const double x : {0.85, 0.85, 0.86, 0.86, 0.86, 0.86}) CAF_CHECK(!poll(x).imminent);
  for (int i = 0; i < 60; ++i) poll(0.5);
  for (const double x : {0.7, 0.9, 0.9, 0.9, 0.9}) CAF_CHECK(!poll(x).imminent); // two apps
}

CAF_TEST(a restart begins anew) {
  for (int i = 0; i < 10; ++i) poll(0.1 * i);
  aut.restart();
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(poll(0.95).growth, 0);
}

CAF_TEST(polls that fail meanwhile do not make it look slower or faster) {
  for (int i = 0; i < 8; ++i) poll(0.1);
  poll(0.3, 60s);
  poll(0.4);
  poll(0.6, 60s);
  const auto x = poll(0.7);
  CAF_CHECK(x.imminent);
  CAF_CHECK(std::abs(x.growth * 30 / memory_limit - 0.1) < 0.01);
  CAF_CHECK(x.left && x.left->count() >= 85 && x.left->count() <= 95);
}

CAF_TEST(a high that is usual for the engine is no alarm and one above it is) {
  const auto day = [&](double top) {
    bool soon = false;
    for (int i = 0; i < 2880; ++i) { // a slow saw
      const auto part = 0.6 + (top - 0.6) * (i % 120) / 119;
      poll(part);
      const auto x = aut.look({30min, 0.8});
      soon = soon || x.soon || x.imminent;
      aut.get_used(now, part);
    }
    return soon;
  };
  CAF_CHECK(!day(0.87));  // nothing is known yet, and it stays below 90 %
  CAF_CHECK(!day(0.875)); // within the margin
  CAF_CHECK(day(0.93));
}

CAF_TEST_FIXTURE_SCOPE_END()
