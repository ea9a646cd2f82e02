#define CAF_SUITE actors.delivery.outbox.newest_states
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/newest_states.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST(a newer value has the turn of the older one) {
  actors::newest_states aut;
  CAF_CHECK(!aut.put(1, state("old", "a")));
  CAF_CHECK(!aut.put(2, state("other", "b")));
  auto gone = aut.put(3, state("new", "a"));
  CAF_REQUIRE(gone);
  CAF_CHECK_EQUAL(payload(*gone), "old");
  CAF_CHECK_EQUAL(aut.size(), 2u);
  CAF_CHECK_EQUAL(aut.first_id(), 1u);
  CAF_CHECK_EQUAL(payload(aut.take_first().mapped()), "new");
  CAF_CHECK_EQUAL(payload(aut.take_first().mapped()), "other");
  CAF_CHECK(aut.empty());
}

CAF_TEST(a value that comes back gives way to news) {
  actors::newest_states aut;
  aut.put(7, state("new"));
  auto gone = aut.put(3, state("came back"));
  CAF_REQUIRE(gone);
  CAF_CHECK_EQUAL(payload(*gone), "came back");
  CAF_CHECK_EQUAL(payload(aut.first()), "new");
}

CAF_TEST(a topic whose value was taken begins anew) {
  actors::newest_states aut;
  aut.put(1, state("1"));
  aut.take_first();
  CAF_CHECK(!aut.put(2, state("2")));
  CAF_CHECK_EQUAL(aut.first_id(), 2u);
}
