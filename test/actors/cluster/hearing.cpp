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
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(hearing_tests, fixture)

CAF_TEST(the clock stands still until all was heard and goes on behind by the grace) {
  now += 1h;
  CAF_CHECK(clock() == 0s);
  aut.channel(state::catching_up, now);
  now += 1h;
  CAF_CHECK(clock() == 0s);
  aut.channel(state::up, now);
  CAF_CHECK(clock() == -1s);
  now += 10s;
  CAF_CHECK(clock() == 9s);
  aut.channel(state::up, now); // as before
  aut.channel(state::down, now);
  now += 1h;
  CAF_CHECK(clock() == 9s);
  aut.channel(state::deaf, now);
  now += 2s;
  CAF_CHECK(clock() == 10s);
}

CAF_TEST(without a channel all is given up when the broker takes what is published) {
  now += 1h;
  CAF_CHECK(!aut.nothing(now));
  aut.broker(true, now);
  now += 9s;
  aut.broker(true, now);
  aut.channel(state::catching_up, now);
  CAF_CHECK(!aut.nothing(now));
  now += 1s;
  CAF_CHECK(aut.nothing(now));
  aut.broker(false, now);
  CAF_CHECK(!aut.nothing(now));
  aut.channel(state::deaf, now);
  CAF_CHECK(aut.nothing(now));
  aut.channel(state::up, now);
  CAF_CHECK(!aut.nothing(now));
}

CAF_TEST(a backlog waits for what others have to say but not for long) {
  now += 1h;
  aut.broker(true, now);
  CAF_CHECK(!aut.enough(now + 1999ms));
  CAF_CHECK(aut.enough(now + 2s));
  aut.channel(state::catching_up, now);
  CAF_CHECK(!aut.enough(now));
  aut.channel(state::up, now);
  CAF_CHECK(aut.enough(now));
}

CAF_TEST_FIXTURE_SCOPE_END()
