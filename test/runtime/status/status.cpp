#define CAF_SUITE runtime.status.status
#include "test/support/unit_test.hpp"

#include "runtime/status/status.hpp"

#include "test/support/node_facts.hpp"

#include <utility>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using messages::insights::alarm;

namespace {

struct fixture {
  facts x = test::healthy_node();

  void raise(caf::timestamp since) {
    x.alarms["insights/analyst"] = {
        {"clock_skewed", "sense1", alarm::weight::warning, "Text.", "Next.", since}};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(status_tests, fixture)

CAF_TEST(what began in the future began when it was seen first) {
  status_keeper aut;
  raise(x.at + 10 * 365 * 24h); // by a clock that was put right then
  const auto seen = x.at;
  for (int i = 0; i < 5; ++i) {
    const auto s = aut.add(x);
    CAF_CHECK(s.conditions.at(0).since == seen);
    CAF_CHECK(s.verdict.since == seen);
    test::pass(x, 1s);
  }
  CAF_MESSAGE("what is known of it counts again when it is in the past");
  raise(seen - 1h);
  CAF_CHECK(aut.add(x).conditions.at(0).since == seen - 1h);
}

CAF_TEST(a clock that is set back takes all beginnings along) {
  status_keeper aut;
  x.ledger_faults = 1;
  aut.add(x);
  x.at -= 24h;
  x.when += 1s;
  const auto now = x.at;
  for (int i = 0; i < 2; ++i) {
    const auto s = aut.add(x);
    CAF_CHECK(s.conditions.at(0).since == now);
    CAF_CHECK(s.verdict.since == now);
    test::pass(x, 1s);
  }
}

CAF_TEST(all who look through one watch agree since when what holds) {
  status_watch aut{[&] {
    test::pass(x, 1s);
    return x;
  }};
  x.ledger_faults = 1;
  const auto first = aut.look();
  test::pass(x, 1h);
  const auto later = aut.look();
  CAF_CHECK(later.facts.at > first.facts.at);
  CAF_CHECK(later.conditions.at(0).since == first.conditions.at(0).since);
  CAF_CHECK(later.verdict.since == first.verdict.since);
  CAF_CHECK_EQUAL(later.number, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
