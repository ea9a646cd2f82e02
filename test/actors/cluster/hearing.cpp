#define CAF_SUITE actors.cluster.hearing
#include "test/support/unit_test.hpp"

#include "actors/cluster/hearing.hpp"

using namespace senseflow::actors;
using namespace std::chrono_literals;
using state = hearing::state;

namespace {

struct fixture {
  hearing::time_point now{1h};
  hearing aut{{10s, 1s, 2s}, now};

  auto clock() const { return aut.clock(now); }
  void pass(std::chrono::milliseconds t) {
    for (; t > 0ms; t -= 100ms) aut.tick(now += 100ms);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(hearing_tests, fixture)

CAF_TEST(the clock stands still until all was heard and goes on behind by the grace) {
  pass(1h);
  CAF_CHECK(clock() == 0s);
  aut.channel(state::catching_up, now);
  pass(1h);
  CAF_CHECK(clock() == 0s);
  aut.channel(state::up, now);
  CAF_CHECK(clock() == -1s);
  pass(10s);
  CAF_CHECK(clock() == 9s);
  aut.channel(state::up, now); // as before
  aut.channel(state::down, now);
  pass(1h);
  CAF_CHECK(clock() == 9s);
  aut.channel(state::deaf, now);
  pass(2s);
  CAF_CHECK(clock() == 10s);
}

CAF_TEST(without a channel all is given up when the broker takes what is published) {
  pass(1h);
  CAF_CHECK(!aut.nothing(now));
  aut.broker(true, now);
  pass(9s);
  aut.broker(true, now);
  aut.channel(state::catching_up, now);
  CAF_CHECK(!aut.nothing(now));
  pass(1s);
  CAF_CHECK(aut.nothing(now));
  aut.broker(false, now);
  CAF_CHECK(!aut.nothing(now));
  aut.channel(state::deaf, now);
  CAF_CHECK(aut.nothing(now));
  aut.channel(state::up, now);
  CAF_CHECK(!aut.nothing(now));
}

CAF_TEST(a backlog waits for what others have to say but not for long) {
  pass(1h);
  aut.broker(true, now);
  aut.channel(state::catching_up, now);
  pass(1900ms);
  CAF_CHECK(!aut.enough(now));
  pass(100ms);
  CAF_CHECK(aut.enough(now));
  aut.broker(false, now);
  aut.broker(true, now);
  CAF_CHECK(!aut.enough(now));
  aut.channel(state::up, now);
  CAF_CHECK(aut.enough(now));
}

CAF_TEST(time in which nobody read what others say does not count and a grace follows) {
  aut.broker(true, now);
  aut.channel(state::up, now);
  pass(5s);
  CAF_CHECK(clock() == 4s);
  now += 900ms; // as it may be on a busy machine
  aut.tick(now);
  CAF_CHECK(clock() == 4900ms);
  CAF_CHECK(aut.enough(now));
  now += 1h;
  CAF_CHECK(clock() == 5900ms);
  CAF_CHECK(!aut.enough(now));
  aut.tick(now);
  CAF_CHECK(clock() == 4900ms);
  CAF_CHECK(aut.since() == now);
  CAF_CHECK(!aut.enough(now));
  CAF_CHECK(aut.behind(now));
  pass(1s);
  CAF_CHECK(!aut.behind(now));
  CAF_CHECK(clock() == 5900ms);
  CAF_CHECK(aut.enough(now));
}

CAF_TEST(a backlog does not wait for ever for a reader that does not come back) {
  aut.channel(state::up, now);
  now += 1h;
  CAF_CHECK(!aut.enough(now));
  now += 1999ms;
  CAF_CHECK(!aut.enough(now));
  now += 1ms;
  CAF_CHECK(aut.enough(now));
}

CAF_TEST_FIXTURE_SCOPE_END()
