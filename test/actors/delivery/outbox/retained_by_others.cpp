#define CAF_SUITE actors.delivery.outbox.retained_by_others
#include "test/actors/delivery/outbox/retained_store.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// Configured with what another program publishes, too.
struct fixture : retained_fixture {
  static strings configure(outbox_store& s, topics all, topics disputed) {
    actors::retained_topics x{std::move(all), "", "node", {}, std::move(disputed)};
    return s.retained().configured(std::make_shared<const actors::retained_topics>(std::move(x)));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(retained_by_others_tests, fixture)

CAF_TEST(what another node publishes now is neither cleared nor sent anew) {
  store aut{*this};
  publish(aut);
  actors::retained_topics x{{"s/a", "s/b", "s/c"}, "", "node", {"s/b"}};
  CAF_CHECK(aut.retained().configured(std::make_shared<const actors::retained_topics>(x)).empty());
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=1", "s/c=1"}));
}

CAF_TEST(what waits here when another node begins to publish it is superseded) {
  store aut{*this};
  for (const auto* server : {"a", "b", "c"}) put(aut, value(server, "1"));
  auto x = std::make_shared<const actors::retained_topics>(
      actors::retained_topics{{"s/a", "s/b", "s/c"}, "", "node", {"s/b"}});
  CAF_CHECK(aut.retained().configured(x).empty());
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"live/a=1", "live/c=1", "s/a=1", "s/c=1"}));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
}

CAF_TEST(what another program publishes too is left to it by the one that has it no more) {
  store aut{*this};
  configure(aut, {"s/a", "s/b", "s/c"}, {});
  publish(aut);
  CAF_CHECK(configure(aut, {"s/a", "s/b", "s/c"}, {"s/b"}).empty());
  put(aut, value("b", "2")); // it is on its way
  const auto late = aut.take(0);
  CAF_CHECK_EQUAL(configure(aut, {"s/c"}, {"s/b"}), (strings{"s/a"}));
  aut.settle(0, settle_all(late, outcome::acknowledged));
  put(aut, value("b", "3")); // and this one later
  CAF_CHECK_EQUAL(deliver(aut), (strings{"live/b=1", "s/a=", "s/b=3"}));
  CAF_CHECK(configure(aut, {"s/c"}, {}).empty()); // the dispute is over
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/c=1"}));
  CAF_CHECK_EQUAL(aut.retained().counted().cleared, 1u);
  CAF_CHECK_EQUAL(aut.retained().counted().left_out, 0u);
}

CAF_TEST(a clearing that waits when another program is heard is dropped) {
  store aut{*this};
  configure(aut, {"s/a", "s/b"}, {});
  publish(aut, {"a", "b"});
  disconnect(aut);
  configure(aut, {}, {});
  aut.publisher_here(0, true, 0, {}); // takes one at a time
  const auto first = aut.take(0);
  CAF_REQUIRE_EQUAL(payloads(first), strings{""});
  CAF_CHECK(configure(aut, {}, {"s/a", "s/b"}).empty());
  aut.settle(0, settle_all(first, outcome::acknowledged));
  CAF_CHECK(deliver(aut).empty());
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
}

CAF_TEST(a start does not clear what was in dispute since nothing is written down of it) {
  store aut{*this};
  configure(aut, {"s/a", "s/b"}, {});
  publish(aut, {"a", "b"});
  CAF_CHECK_EQUAL(aut.retained().take_news().size(), 2u);
  configure(aut, {"s/a", "s/b"}, {"s/a"});
  using entries = std::vector<messages::retained_topic>;
  CAF_CHECK(aut.retained().take_news() == (entries{{"s/a", item_class::health, "a", false}}));
  put(aut, value("a", "2"));
  deliver(aut);
  CAF_CHECK(aut.retained().take_news().empty());
  configure(aut, {"s/a", "s/b"}, {});
  CAF_CHECK(aut.retained().take_news() == (entries{{"s/a", item_class::health, "a"}}));
}

CAF_TEST_FIXTURE_SCOPE_END()
