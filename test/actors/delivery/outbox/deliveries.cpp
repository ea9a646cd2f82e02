#define CAF_SUITE actors.delivery.outbox.deliveries
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/deliveries.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;
using ids = std::vector<uint64_t>;

namespace {

struct deliveries_fixture {
  actors::deliveries aut;

  actors::deliveries::change say(uint32_t slot, bool connected, uint32_t window = 10) {
    return aut.state_of({slot, connected, false, window, {}});
  }
  void give(uint32_t slot, uint64_t id, uint32_t lane = 0, size_t messages = 1, bool is_suspect = false) {
    aut.give(slot, id, lane, {publication(item_class::user_event, "a", "x", messages)}, is_suspect);
  }
  void take(uint64_t id) { aut.take(aut.items().find(id)); }
  ids given_to(uint32_t slot, const ids& without = {}) {
    auto result = aut.given_to(slot, without);
    std::sort(result.begin(), result.end());
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(deliveries_tests, deliveries_fixture)

CAF_TEST(somebody is connected while one of them is) {
  CAF_CHECK(!aut.connected());
  CAF_CHECK(say(1, true).is_first);
  CAF_CHECK(aut.connected());
  CAF_CHECK(aut.connected(1));
  CAF_CHECK(!aut.connected(0));
  CAF_CHECK(!aut.connected(7));
  CAF_CHECK(!say(0, true).is_first);
  CAF_CHECK(say(1, false).ended);
  CAF_CHECK(aut.connected());
  CAF_CHECK(!say(1, false).ended); // known
  CAF_CHECK(say(0, false).ended);
  CAF_CHECK(!aut.connected());
}

CAF_TEST(a new outbox knows of no connection and forgetting is no end) {
  say(0, true);
  aut.forget_connections();
  CAF_CHECK(!aut.connected());
  auto change = say(0, true);
  CAF_CHECK(change.is_first);
  CAF_CHECK(!change.ended);
}

CAF_TEST(a large publication goes as soon as half of the window is free) {
  say(0, true, 20);
  give(0, 1, 0, 10);
  CAF_CHECK(aut.has_room(0, 23, false));
  give(0, 2, 0, 1);
  CAF_CHECK(!aut.has_room(0, 23, false));
  take(1);
  give(0, 3, 0, 23);
  CAF_CHECK(!aut.has_room(0, 1, false));
}

CAF_TEST(with a window of 1 messages go one by one) {
  say(0, true, 1);
  give(0, 1);
  CAF_CHECK(!aut.has_room(0, 1, false));
  CAF_CHECK(!aut.has_room(0, 23, false));
}

CAF_TEST(a publisher takes what its window has room for and a larger one alone) {
  say(0, true, 5);
  CAF_CHECK(aut.has_room(0, 20, false));
  give(0, 1, 0, 3);
  CAF_CHECK(aut.has_room(0, 2, false));
  CAF_CHECK(!aut.has_room(0, 3, false));
  give(0, 2, 0, 2);
  CAF_CHECK(!aut.has_room(0, 1, false));
  take(1);
  CAF_CHECK(aut.has_room(0, 3, false));
}

CAF_TEST(a suspect goes alone) {
  say(0, true);
  give(0, 1);
  CAF_CHECK(!aut.has_room(0, 1, true));
  take(1);
  CAF_CHECK(aut.has_room(0, 1, true));
  give(0, 2, 0, 1, true);
  CAF_CHECK(!aut.has_room(0, 1, false));
  take(2);
  CAF_CHECK(aut.has_room(0, 1, false));
}

CAF_TEST(a connection that ends says whether a suspect was sent over it) {
  say(0, true);
  CAF_CHECK(!say(0, false).carried_suspect);
  say(0, true);
  give(0, 1, 0, 1, true);
  take(1);
  CAF_CHECK(say(0, false).carried_suspect);
  say(0, true);
  CAF_CHECK(!say(0, false).carried_suspect);
}

CAF_TEST(a lane stays with its publisher while something of it is on its way) {
  say(0, true);
  say(1, true);
  CAF_CHECK(aut.serves(0, 4));
  CAF_CHECK(aut.serves(1, 5));
  give(0, 1, 4);
  say(0, false);
  CAF_CHECK(aut.serves(0, 4));
  CAF_CHECK(!aut.serves(1, 4));
  take(1);
  CAF_CHECK(aut.serves(1, 4));
  give(1, 2, 4);
  say(0, true);
  CAF_CHECK(!aut.serves(0, 4));
  take(2);
  CAF_CHECK(aut.serves(0, 4));
}

CAF_TEST(it knows what each was given and who is gone holds nothing) {
  say(0, true);
  say(1, true);
  for (uint64_t id : {1, 2, 3}) give(0, id, 0);
  give(1, 4, 1);
  CAF_CHECK_EQUAL(given_to(0), (ids{1, 2, 3}));
  CAF_CHECK_EQUAL(given_to(0, {2, 99}), (ids{1, 3}));
  for (auto id : given_to(0)) take(id);
  aut.forget(0);
  CAF_CHECK_EQUAL(given_to(0), ids{});
  CAF_CHECK_EQUAL(given_to(1), (ids{4}));
  CAF_CHECK_EQUAL(aut.size(), 1u);
  CAF_CHECK(!aut.connected(0));
}

CAF_TEST_FIXTURE_SCOPE_END()
