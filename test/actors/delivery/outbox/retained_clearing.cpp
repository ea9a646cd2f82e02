#define CAF_SUITE actors.delivery.outbox.retained_clearing
#include "test/actors/delivery/outbox/retained_store.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(retained_clearing_tests, retained_fixture)

CAF_TEST(what is found at the broker is cleared unless it is configured) {
  store aut{*this};
  configure(aut, {"s/a"});
  publish(aut, {"a"});
  const auto found = [](const char* topic) {
    return messages::retained_topic{topic, item_class::node, "here", true};
  };
  CAF_CHECK_EQUAL(aut.retained().found({found("s/a"), found("s/old"), found("s/older")}),
                  (strings{"s/old", "s/older"}));
  CAF_CHECK(aut.retained().found({found("s/old")}).empty()); // known by now
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/old=", "s/older="}));
  CAF_CHECK_EQUAL(line(item_class::node).recovered, 2u);
  CAF_CHECK_EQUAL(aut.retained().counted().cleared, 2u);
  CAF_CHECK_EQUAL(aut.retained().found({found("s/old")}).size(), 1u); // there again, and to be cleared again
}

CAF_TEST(what the configuration no longer has is cleared) {
  store aut{*this};
  CAF_CHECK(configure(aut, {"s/a", "s/b", "s/c", "s/never"}).empty());
  publish(aut);
  CAF_CHECK_EQUAL(configure(aut, {"s/b"}), (strings{"s/a", "s/c"}));
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=", "s/c="}));
  CAF_CHECK_EQUAL(aut.retained().counted().cleared, 2u);
  CAF_CHECK(configure(aut, {}) == strings{"s/b"});
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/b="}));
  connect(aut);
  CAF_CHECK(deliver(aut).empty());
}

CAF_TEST(what comes late is cleared behind it) {
  store aut{*this};
  configure(aut, {"s/a"});
  publish(aut, {"a"});
  put(aut, value("a", "2"));
  configure(aut, {});
  const auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"2"}));
  put(aut, value("a", "3"));
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  const auto last = deliver(aut);
  CAF_CHECK_EQUAL(std::count(last.begin(), last.end(), "s/a=3"), 1);
  CAF_CHECK_EQUAL(aut.retained().counted().cleared, 1u);
  disconnect(aut);
  connect(aut);
  CAF_CHECK(deliver(aut).empty());
}

CAF_TEST(another base topic clears the former one and not the new one) {
  store aut{*this};
  configure(aut, {"s/a"});
  publish(aut, {"a"});
  configure(aut, {"t/a"});
  put(aut, value("a", "2", "t/"));
  CAF_CHECK_EQUAL(deliver(aut), (strings{"live/a=1", "s/a=", "t/a=2"}));
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"t/a=2"}));
}

CAF_TEST(what is configured again is not cleared any more) {
  store aut{*this};
  configure(aut, {"s/a", "s/b"});
  publish(aut, {"a", "b"});
  configure(aut, {});
  disconnect(aut);
  aut.publisher_here(0, true, 0, {}); // takes one at a time
  const auto first = aut.take(0);
  CAF_REQUIRE_EQUAL(payloads(first), strings{""});
  const std::string other = first.front().content->origin.str() == "a" ? "b" : "a";
  configure(aut, {"s/a", "s/b"});
  for (auto x : {"a", "b"}) put(aut, value(x, "2"));
  aut.settle(0, settle_all(first, outcome::acknowledged));
  const auto rest = deliver(aut);
  CAF_CHECK_EQUAL(std::count(rest.begin(), rest.end(), "s/" + other + "="), 0);
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=2", "s/b=2"}));
}

CAF_TEST(a clearing that the broker refuses is tried again with the next connection) {
  store aut{*this};
  configure(aut, {"s/a"});
  publish(aut, {"a"});
  configure(aut, {});
  CAF_CHECK_EQUAL(deliver(aut, 1, outcome::refused), (strings{"s/a="}));
  CAF_CHECK(deliver(aut).empty());
  disconnect(aut);
  connect(aut, true);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a="}));
}

CAF_TEST(presence is cleared over a connection that is not the one which tells it) {
  store aut{*this};
  configure(aut, {"s/a"}, "node/status");
  connect(aut);
  connect(aut, false, 1);
  CAF_CHECK_EQUAL(configure(aut, {"s/a"}, "other/status"), (strings{"node/status"}));
  CAF_CHECK(deliver(aut, 2).empty());
  aut.publisher_died(1);
  connect(aut, false, 1);
  CAF_CHECK(deliver(aut, 2).empty());
  aut.publisher_died(0); // with its last word
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut, 2), (strings{"node/status="}));
}

CAF_TEST(what an earlier process left is cleared unless it is configured) {
  store aut{*this};
  aut.retained().recover({{"s/a", item_class::health, "a"},
                          {"s/b", item_class::health, "b"},
                          {"wrong", item_class::user_event, "b"}});
  CAF_CHECK_EQUAL(configure(aut, {"s/b"}), (strings{"s/a"}));
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a="}));
}

CAF_TEST(topics are written down when they are new and when they are gone) {
  store aut{*this};
  configure(aut, {"s/a", "s/b"});
  publish(aut, {"a", "b"});
  auto commit = aut.next_commit();
  CAF_REQUIRE(commit.has_value());
  using entries = std::vector<messages::retained_topic>;
  const entries both{{"s/a", item_class::health, "a"}, {"s/b", item_class::health, "b"}};
  CAF_CHECK(commit->topics == both);
  aut.committed({commit->number, messages::spool_status::failed, "full", {}});
  pass(10s);
  commit = aut.next_commit(); // whether it works again
  CAF_REQUIRE(commit.has_value());
  CAF_CHECK(commit->topics.empty());
  aut.committed({commit->number, messages::spool_status::ok, {}, {}});
  pass(10s);
  commit = aut.next_commit();
  CAF_REQUIRE(commit.has_value());
  CAF_CHECK(commit->topics == both);
  aut.committed({commit->number, messages::spool_status::ok, {}, {}});
  put(aut, value("a", "2"));
  deliver(aut);
  pass(10s);
  CAF_CHECK(!aut.next_commit()); // no news
  configure(aut, {"s/b"});
  deliver(aut);
  pass(10s);
  commit = aut.next_commit();
  CAF_REQUIRE(commit.has_value());
  CAF_CHECK(commit->topics == (entries{{"s/a", item_class::health, "a", false}}));
  aut.committed({commit->number, messages::spool_status::damaged, "damaged", {}});
  pass(10s);
  aut.committed({aut.next_commit().value().number, messages::spool_status::ok, {}, {}});
  pass(10s);
  commit = aut.next_commit();
  CAF_REQUIRE(commit.has_value());
  CAF_CHECK(commit->topics == (entries{{"s/b", item_class::health, "b"}}));
}

CAF_TEST(in memory mode nothing is written down but clearing works) {
  options.mode = actors::delivery_mode::memory;
  store aut{*this};
  configure(aut, {"s/a"});
  publish(aut, {"a"});
  CAF_CHECK(aut.retained().take_news().empty());
  configure(aut, {});
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a="}));
}

CAF_TEST_FIXTURE_SCOPE_END()
