#define CAF_SUITE actors.cluster.event_occurrences
#include "test/support/unit_test.hpp"

#include "actors/cluster/event_occurrences.hpp"

using namespace senseflow::actors;
using senseflow::messages::event_id;
using namespace std::chrono_literals;

namespace {

struct fixture {
  event_occurrences::time_point now{1h};
  event_occurrences::options o;

  event_occurrences make() { return event_occurrences{o, now}; }
  uint32_t arrive(event_occurrences& x, uint64_t hash = 1) { return x.arrived(hash, now).id.occurrence; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_occurrences_tests, fixture)

CAF_TEST(equal datagrams are counted and others for themselves) {
  auto aut = make();
  CAF_CHECK_EQUAL(arrive(aut), 1u);
  CAF_CHECK_EQUAL(arrive(aut), 2u);
  CAF_CHECK_EQUAL(arrive(aut, 2), 1u);
  CAF_CHECK_EQUAL(arrive(aut), 3u);
}

CAF_TEST(a copy that comes soon after its announcement is that one and later it is another) {
  auto aut = make();
  now += 10s;
  aut.published({1, 1}, true, now);
  aut.published({2, 1}, true, now);
  now += o.pairing;
  auto copy = aut.arrived(1, now);
  CAF_CHECK(copy.published);
  CAF_CHECK(copy.id == event_id({1, 1}));
  now += 1ms;
  copy = aut.arrived(2, now);
  CAF_CHECK(!copy.published);
  CAF_CHECK(copy.id == event_id({2, 2})); // it has learnt of the first
  CAF_CHECK_EQUAL(arrive(aut), 2u);
}

CAF_TEST(what was announced right after the start or late is for no copy to come) {
  auto aut = make();
  aut.published({1, 4}, true, now);
  CAF_CHECK_EQUAL(arrive(aut), 5u);
  now += 10s;
  aut.published({2, 4}, false, now);
  CAF_CHECK_EQUAL(arrive(aut, 2), 5u);
  CAF_CHECK(aut.take_published({2, 4})); // but for a backlog
  CAF_CHECK(!aut.take_published({2, 4}));
}

CAF_TEST(an announcement of what was counted already says nothing) {
  auto aut = make();
  now += 10s;
  arrive(aut);
  arrive(aut);
  aut.published({1, 2}, true, now);
  CAF_CHECK(!aut.take_published({1, 2}));
  CAF_CHECK(!aut.arrived(1, now).published);
}

CAF_TEST(what another node is going to publish is counted and known when it is published) {
  auto aut = make();
  now += 10s;
  aut.seen({1, 2}, now);
  CAF_CHECK(!aut.take_published({1, 2}));
  CAF_CHECK_EQUAL(arrive(aut), 3u);
  aut.published({1, 2}, false, now);
  CAF_CHECK(aut.take_published({1, 2}));
}

CAF_TEST(an announcement is forgotten with its counter and not later) {
  auto aut = make();
  now += 10s;
  aut.published({1, 3}, true, now);
  now += o.window;
  arrive(aut, 2);
  CAF_CHECK_EQUAL(arrive(aut), 1u);
  CAF_CHECK(!aut.take_published({1, 3}));
}

CAF_TEST(a counter that is used is kept) {
  auto aut = make();
  for (uint32_t i = 1; i <= 10; ++i) {
    CAF_CHECK_EQUAL(arrive(aut), i);
    now += o.window - 1s;
  }
}

CAF_TEST(memory is bounded whatever is announced) {
  o.most = 100;
  auto aut = make();
  for (uint64_t i = 0; i < 10'000; ++i) {
    aut.published({i, 7}, true, now);
    arrive(aut, 5);
    CAF_REQUIRE(aut.size() <= 101u);
  }
  for (uint32_t i = 1; i < 10'000; ++i) aut.published({5, event_occurrences::largest - i}, true, now);
  aut.published({5, event_occurrences::largest + 1}, true, now);
  aut.published({5, ~0u}, true, now);
  CAF_CHECK(arrive(aut, 5) <= event_occurrences::largest + 1);
  aut.published({6, event_occurrences::largest}, true, now);
  arrive(aut, 6);
  CAF_CHECK_EQUAL(arrive(aut, 6), event_occurrences::largest + 1); // not around
}

CAF_TEST_FIXTURE_SCOPE_END()
