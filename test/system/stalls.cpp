#define CAF_SUITE system.stalls
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/stall_watch.hpp"

using namespace senseflow::test;
using namespace std::chrono_literals;

CAF_TEST(what is to be there soon has its time also if the machine stalls) {
  const fair_stopwatch time;
  bool there = false;
  child_process stall{{"sh", "-c", "kill -STOP $PPID; sleep 1; kill -CONT $PPID"}};
  CAF_CHECK(stall.wait().value_or(-1) == 0);
  CAF_CHECK(time.stalled() > 800ms);
  CAF_CHECK(time.passed() < 800ms);
  CAF_CHECK(!soon([&] { return there; }, 50ms));
  there = true;
  CAF_CHECK(soon([&] { return there; }, 50ms));
}
