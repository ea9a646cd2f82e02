#define CAF_SUITE actors.cluster.own_events
#include "test/support/unit_test.hpp"

#include "actors/cluster/own_events.hpp"

using namespace senseflow::actors;
using namespace std::chrono_literals;

namespace {

struct fixture {
  own_events::time_point now{1h};
  own_events aut{500ms};

  std::string told() {
    std::string result;
    for (const auto& e : aut.take(100, now))
      result += std::string("?plab")[static_cast<size_t>(e.what)] + std::to_string(e.event.hash) + " ";
    return result;
  }
  /// What was announced as accepted, and has not come to its end, is a promise: others wait for it.
  bool keeps_them_waiting() { return aut.digest(now += own_events::sign_of_life).has_value(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(own_events_tests, fixture)

CAF_TEST(what has come to its end is told once) {
  aut.began({1, 1}, now);
  aut.began({2, 1}, now);
  CAF_CHECK_EQUAL(told(), "");
  aut.ended({1, 1}, true, now);
  aut.ended({2, 1}, false, now);
  aut.ended({3, 1}, true, now); // an earlier process began it
  CAF_CHECK(aut.anything_to_tell());
  CAF_CHECK_EQUAL(told(), "p1 b2 l3 ");
  CAF_CHECK_EQUAL(told(), "");
  CAF_CHECK_EQUAL(aut.open(), 0u);
}

CAF_TEST(what takes long is told as accepted before its end) {
  aut.began({1, 1}, now);
  now += 499ms;
  CAF_CHECK_EQUAL(told(), "");
  now += 1ms;
  CAF_CHECK_EQUAL(told(), "a1 ");
  CAF_CHECK(keeps_them_waiting());
  now += 10s;
  CAF_CHECK_EQUAL(told(), "");
  aut.ended({1, 1}, true, now);
  CAF_CHECK_EQUAL(told(), "l1 ");
  CAF_CHECK(!keeps_them_waiting());
  aut.began({2, 1}, now, true);
  aut.ended({2, 1}, true, now);
  CAF_CHECK_EQUAL(told(), "l2 ");
}

CAF_TEST(what another node has published is not told) {
  aut.began({1, 1}, now);
  now += 1s;
  CAF_CHECK_EQUAL(told(), "a1 ");
  aut.forget({1, 1});
  aut.forget({2, 1});
  CAF_CHECK(!keeps_them_waiting());
  CAF_CHECK_EQUAL(told(), "");
}

CAF_TEST(memory is bounded and what is left out is counted) {
  for (uint64_t i = 0; i < own_events::most + 10; ++i) aut.began({i, 1}, now);
  CAF_CHECK_EQUAL(aut.open(), own_events::most);
  CAF_CHECK_EQUAL(aut.left_out(), 10u);
  for (uint64_t i = 0; i < own_events::most + 10; ++i) aut.ended({i, 1}, true, now);
  CAF_CHECK_EQUAL(aut.left_out(), 20u);
  CAF_CHECK_EQUAL(aut.take(100, now).size(), 100u);
}

CAF_TEST_FIXTURE_SCOPE_END()
