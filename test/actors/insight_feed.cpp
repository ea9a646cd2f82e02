#define CAF_SUITE actors.insight_feed
#include "test/support/unit_test.hpp"

#include "actors/insight_feed.hpp"

#include <utility>

using namespace senseflow;
using actors::insight_feed;
using outcome = insight_feed::outcome;

namespace {

messages::item_batch batch(uint64_t number, messages::item_list items) {
  return {{1, number}, messages::shared<messages::item_list>{std::move(items)}};
}

messages::item_batch of_events(uint64_t number, size_t n) {
  messages::item_list items;
  items.user_events.resize(n);
  return batch(number, std::move(items));
}

} // namespace

CAF_TEST(a closed feed takes nothing and forgets what waits when it is closed) {
  insight_feed aut;
  CAF_CHECK(!aut.is_open());
  CAF_CHECK(aut.offer(of_events(1, 1)) == outcome::ignored);
  aut.open();
  CAF_CHECK(aut.offer(of_events(2, 1)) == outcome::first);
  aut.close();
  CAF_CHECK(aut.take().empty());
  CAF_CHECK(aut.offer(of_events(3, 1)) == outcome::ignored);
}

CAF_TEST(only the first batch that waits has to be told of) {
  insight_feed aut;
  aut.open();
  CAF_CHECK(aut.offer(of_events(1, 1)) == outcome::first);
  CAF_CHECK(aut.offer(of_events(2, 1)) == outcome::waits);
  const auto all = aut.take();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].id.number, 1u);
  CAF_CHECK_EQUAL(all[1].id.number, 2u);
  CAF_CHECK(aut.offer(of_events(3, 1)) == outcome::first);
}

CAF_TEST(what has no room is skipped and one that is too large by itself is not ) {
  insight_feed aut{10};
  aut.open();
  CAF_CHECK(aut.offer(of_events(1, 6)) == outcome::first);
  CAF_CHECK(aut.offer(of_events(2, 5)) == outcome::skipped);
  CAF_CHECK(aut.offer(of_events(3, 4)) == outcome::waits);
  CAF_CHECK_EQUAL(aut.take().size(), 2u);
  CAF_CHECK(aut.offer(of_events(4, 100)) == outcome::first);
  CAF_CHECK(aut.offer(of_events(5, 1)) == outcome::skipped);
}

CAF_TEST(a list of sessions counts for all of its sessions) {
  insight_feed aut{10};
  aut.open();
  messages::item_list items;
  items.sessions.resize(1);
  items.sessions[0].sessions.resize(9);
  CAF_CHECK(aut.offer(batch(1, items)) == outcome::first);
  CAF_CHECK(aut.offer(of_events(2, 1)) == outcome::skipped);
}

CAF_TEST(insights are not shown to those who made them) {
  insight_feed aut;
  aut.open();
  messages::item_list items;
  items.insights.resize(2);
  CAF_CHECK(aut.offer(batch(1, items)) == outcome::ignored);
  CAF_CHECK(aut.offer(batch(2, {})) == outcome::ignored);
  items.user_events.resize(1);
  CAF_CHECK(aut.offer(batch(3, items)) == outcome::first);
}
