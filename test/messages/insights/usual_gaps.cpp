#define CAF_SUITE messages.insights.usual_gaps

#include "test/support/unit_test.hpp"

#include "messages/insights/usual_gaps.hpp"

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

namespace {

struct fixture {
  usual_gaps aut;
  usual_gaps::time_point now{1h};

  void add(std::chrono::seconds gap, int times = 1, bool unusual = false) {
    for (int i = 0; i < times; ++i) aut.add(gap, unusual, now += gap);
  }
  double longest() { return std::chrono::duration<double>(aut.longest().value()).count(); }
  bool about(double s) { return longest() >= s && longest() <= s * 1.26; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(usual_gaps_tests, fixture)

CAF_TEST(nothing is usual before anything was) {
  CAF_CHECK(!aut.longest());
  CAF_CHECK_EQUAL(aut.count(), 0u);
  aut.add(0s, false, now);
  CAF_CHECK(!aut.longest());
}

CAF_TEST(pauses count by the time that they take) {
  add(10s, 100);
  CAF_CHECK(about(10));
  CAF_MESSAGE("a burst changes nothing, an hour among some does");
  add(1s, 15);
  CAF_CHECK(about(10));
  add(3600s);
  CAF_CHECK(about(3600));
  CAF_CHECK_EQUAL(aut.count(), 116u);
  CAF_CHECK(aut.learnt_from() > 4600s && aut.learnt_from() < 4616s);
}

CAF_TEST(what was taken for unusual has to come again to be usual) {
  add(60s, 1000);
  add(40000s, 1, true);
  CAF_CHECK(about(60));
  add(60s, 100);
  add(40000s, 1, true);
  CAF_CHECK(about(40000));
}

CAF_TEST(what was long ago fades) {
  add(3600s, 20);
  now += 24h * 70;
  add(10s, 600);
  CAF_CHECK(about(10));
}

CAF_TEST(no pause is too long to be learnt) {
  aut.add(24h * 4000, false, now);
  CAF_CHECK(longest() > 1e6);
}

CAF_TEST_FIXTURE_SCOPE_END()
