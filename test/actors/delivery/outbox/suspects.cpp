#define CAF_SUITE actors.delivery.outbox.suspects
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/suspects.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using actors::suspects;
using verdict = suspects::verdict;

namespace {

struct one_item {
  suspects aut;
  outbox_item x = event();
  suspects::time_point now{1h};

  /// Judged after each of so many connections that ended over it.
  verdict after(int ends) {
    auto result = verdict::innocent;
    for (int i = 0; i < ends; ++i) {
      suspects::came_back(x);
      aut.connection_ended(suspects::suspected(x));
      result = aut.judge(1, x, now);
    }
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(suspects_tests, one_item)

CAF_TEST(three connections have to end over it for a suspicion) {
  CAF_CHECK(after(2) == verdict::innocent);
  CAF_CHECK(!suspects::suspected(x));
  CAF_CHECK(after(1) == verdict::suspected);
  CAF_CHECK(suspects::suspected(x));
}

CAF_TEST(it is guilty after six when others got through meanwhile) {
  after(3);
  aut.confirmed();
  CAF_CHECK(after(2) == verdict::suspected);
  CAF_CHECK(after(1) == verdict::guilty);
}

CAF_TEST(while nothing gets through it is guilty only after very long) {
  aut.confirmed(); // before it was suspected
  CAF_CHECK(after(100) == verdict::suspected);
  now += 599s;
  CAF_CHECK(after(1) == verdict::suspected);
  now += 1s;
  CAF_CHECK(after(1) == verdict::guilty);
}

CAF_TEST(while connections end without a suspect nobody is guilty) {
  after(3);
  for (int i = 0; i < 100; ++i) {
    aut.confirmed();
    CAF_REQUIRE(after(2) == verdict::suspected);
    aut.connection_ended(false);
  }
}

CAF_TEST(who was acquitted may be found guilty later) {
  after(3);
  aut.connection_ended(false);
  CAF_CHECK(after(1) == verdict::suspected); // begins anew
  aut.confirmed();
  CAF_CHECK(after(2) == verdict::suspected);
  CAF_CHECK(after(1) == verdict::guilty);
}

CAF_TEST(what has come to its end is forgotten) {
  after(3);
  aut.confirmed();
  aut.forget(1);
  CAF_CHECK(after(10) == verdict::suspected); // nothing got through since
}

CAF_TEST_FIXTURE_SCOPE_END()
