#define CAF_SUITE actors.delivery.outbox.outage
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/outage.hpp"

using namespace senseflow;
using namespace std::chrono_literals;

namespace {
const actors::outage::time_point start{1h};
} // namespace

CAF_TEST(the broker is away when nobody was connected for long enough) {
  actors::outage aut{1s};
  CAF_CHECK(!aut.observe(false, start));
  CAF_CHECK(!aut.observe(false, start + 999ms));
  CAF_CHECK(!aut.away());
  CAF_CHECK(aut.observe(false, start + 1s));
  CAF_CHECK(aut.away());
  CAF_CHECK(!aut.observe(false, start + 2s)); // known already
  CAF_CHECK(!aut.observe(true, start + 3s));
  CAF_CHECK(!aut.away());
}

CAF_TEST(a short interruption does not add up with the next one) {
  actors::outage aut{1s};
  aut.observe(false, start);
  aut.observe(true, start + 600ms);
  CAF_CHECK(!aut.observe(false, start + 700ms));
  CAF_CHECK(!aut.observe(false, start + 1500ms));
}

CAF_TEST(an interruption is over once) {
  actors::outage aut{1s};
  CAF_CHECK(!aut.over());
  aut.interrupt();
  CAF_CHECK(aut.over());
  CAF_CHECK(!aut.over());
}

CAF_TEST(a broker that was away is an interruption whatever the reason) {
  actors::outage aut{1s};
  aut.observe(false, start);
  aut.observe(false, start + 1s);
  CAF_CHECK(aut.over());
}
