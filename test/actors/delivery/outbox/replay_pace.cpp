#define CAF_SUITE actors.delivery.outbox.replay_pace
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/replay_pace.hpp"

using namespace senseflow;
using namespace std::chrono_literals;

namespace {

/// How many may go now.
int allowed(actors::replay_pace& aut, actors::replay_pace::time_point now, int most = 1000) {
  int n = 0;
  for (; n < most && aut.allows(now); ++n) aut.published();
  return n;
}

const actors::replay_pace::time_point start{1h};

} // namespace

CAF_TEST(so many a second go and what was not used is no flood later) {
  actors::replay_pace aut{100};
  allowed(aut, start);
  int n = 0;
  for (auto t = 50ms; t <= 1s; t += 50ms) n += allowed(aut, start + t);
  CAF_CHECK(n >= 99 && n <= 101);
  CAF_CHECK_EQUAL(allowed(aut, start + 1h), 10); // a tenth of a second's
}

CAF_TEST(as many more go as have joined) {
  actors::replay_pace aut{100};
  allowed(aut, start);
  for (int i = 0; i < 50; ++i) aut.joined();
  CAF_CHECK_EQUAL(allowed(aut, start), 50);
}

CAF_TEST(without a rate there is no limit) {
  actors::replay_pace aut{0};
  CAF_CHECK_EQUAL(allowed(aut, start), 1000);
}
