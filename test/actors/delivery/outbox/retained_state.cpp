#define CAF_SUITE actors.delivery.outbox.retained_state
#include "test/actors/delivery/outbox/retained_store.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(retained_state_tests, retained_fixture)

CAF_TEST(what is retained goes out once more over a connection that is no resumed session) {
  store aut{*this};
  publish(aut);
  disconnect(aut);
  connect(aut, true);
  CAF_CHECK(deliver(aut).empty());
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=1", "s/b=1", "s/c=1"}));
  CAF_CHECK_EQUAL(line(item_class::health).recovered, 3u);
  CAF_CHECK_EQUAL(line(item_class::health).published, 6u);
  CAF_CHECK_EQUAL(aut.retained().counted().sent_anew, 3u);
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut).size(), 3u); // that broker may have forgotten as well
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST(who asks gets what is retained of servers once more) {
  store aut{*this};
  publish(aut);
  auto of_node = publication(item_class::node, "n", "1");
  of_node.messages.front().retain = true;
  put(aut, of_node);
  deliver(aut);
  CAF_CHECK_EQUAL(aut.retained().all_again(), 3u);
  CAF_CHECK_EQUAL(aut.retained().all_again(), 3u);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=1", "s/b=1", "s/c=1"}));
  CAF_CHECK(deliver(aut).empty());
  CAF_CHECK_EQUAL(line(item_class::health).recovered, 3u);
}

CAF_TEST(all of it goes out once more on request but for what is configured no more) {
  store aut{*this};
  configure(aut, {"s/a", "s/b", "s/c"});
  publish(aut);
  put(aut, value("a", "2"));
  CAF_CHECK_EQUAL(aut.retained().all_again(), 3u);
  CAF_CHECK_EQUAL(aut.retained().all_again(), 3u); // at once: the same
  CAF_CHECK_EQUAL(deliver(aut), (strings{"live/a=1", "s/a=2", "s/b=1", "s/c=1"}));
  CAF_CHECK_EQUAL(line(item_class::health).recovered, 2u);
  configure(aut, {"s/a"});
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/b=", "s/c="}));
  CAF_CHECK_EQUAL(aut.retained().all_again(), 1u);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=2"}));
}

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

CAF_TEST(what is not retained does not ) {
  store aut{*this};
  connect(aut);
  put(aut, publication(item_class::health, "a", "1"));
  put_event(aut, "event");
  auto retained_event = publication(item_class::user_event, "a", "event");
  retained_event.messages.front().retain = true;
  put(aut, retained_event);
  deliver(aut);
  disconnect(aut);
  connect(aut);
  CAF_CHECK(deliver(aut).empty());
}

CAF_TEST(news of it goes instead whether it waits or is on its way) {
  store aut{*this};
  publish(aut);
  disconnect(aut);
  put(aut, value("a", "2"));
  connect(aut);
  put(aut, value("b", "2"));
  const auto sent = aut.take(0);
  auto texts = payloads(sent);
  std::sort(texts.begin(), texts.end());
  CAF_CHECK_EQUAL(texts, (strings{"1", "2", "2"}));
  CAF_CHECK(deliver(aut).empty());
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  CAF_CHECK(deliver(aut).empty());
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=2", "s/b=2", "s/c=1"}));
}

CAF_TEST(news that comes while it waits takes its place) {
  store aut{*this};
  publish(aut, {"a", "b"});
  disconnect(aut);
  aut.publisher_here(0, true, 0, {}); // takes one at a time
  const auto first = aut.take(0);
  CAF_REQUIRE_EQUAL(first.size(), 1u);
  const std::string other = first.front().content->origin.str() == "a" ? "b" : "a";
  put(aut, value(other, "2"));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  aut.settle(0, settle_all(first, outcome::acknowledged));
  CAF_CHECK_EQUAL(deliver(aut), (strings{"live/" + other + "=1", "s/" + other + "=2"}));
}

CAF_TEST(a pool whose broker was restarted sends it once) {
  store aut{*this};
  for (auto slot : {0u, 1u, 2u}) connect(aut, false, slot);
  for (auto x : {"a", "b", "c"}) put(aut, value(x, "1"));
  deliver(aut, 3);
  for (auto slot : {0u, 1u, 2u}) disconnect(aut, slot);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut, 3).size(), 3u);
  connect(aut, false, 1);
  connect(aut, false, 2);
  CAF_CHECK(deliver(aut, 3).empty());
}

CAF_TEST(what a pool sent over a connection that was lost later goes out too) {
  store aut{*this};
  connect(aut, false, 0);
  connect(aut, false, 1);
  disconnect(aut, 0); // the broker was restarted: slot 1 has not noticed yet
  connect(aut, false, 0);
  for (auto x : {"a", "b", "c"}) put(aut, value(x, "1"));
  const auto lost = deliver(aut, 2).size(); // some of it went nowhere
  CAF_CHECK_EQUAL(lost, 6u);
  disconnect(aut, 1);
  connect(aut, false, 1);
  CAF_CHECK_EQUAL(deliver(aut, 2).size(), 3u);
}

CAF_TEST(a new outbox and a dead publisher count as the end of connections) {
  store aut{*this};
  publish(aut);
  aut.forget_connections();
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut).size(), 3u);
  aut.publisher_died(0);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut).size(), 3u);
}

CAF_TEST(a value that has expired is not sent once more) {
  store aut{*this};
  connect(aut);
  auto x = value("a", "1");
  for (auto& m : x.messages) m.expiry_s = 60;
  put(aut, x);
  deliver(aut);
  pass(61s);
  disconnect(aut);
  connect(aut);
  CAF_CHECK(deliver(aut).empty());
  CAF_CHECK_EQUAL(line(item_class::health).dropped["expired"], 1u);
}

CAF_TEST(of a publication only what the broker took is remembered) {
  store aut{*this};
  connect(aut);
  put(aut, value("a", "1"));
  const auto sent = aut.take(0);
  aut.settle(0, {{sent[0].id,
                  outcome::acknowledged,
                  {},
                  {{outcome::refused, "not_authorized"}, {outcome::acknowledged, {}}}}});
  disconnect(aut);
  connect(aut);
  CAF_CHECK(deliver(aut).empty());
  put(aut, value("a", "2"));
  const auto next = aut.take(0);
  aut.settle(
      0,
      {{next[0].id, outcome::written, {}, {{outcome::written, {}}, {outcome::refused, "not_authorized"}}}});
  disconnect(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"s/a=2"}));
}

CAF_TEST(nobody waits for more than one of a lane) {
  store aut{*this};
  connect(aut);
  for (int i = 0; i < 20; ++i) {
    auto x = value("a", "1", "s/" + std::to_string(i));
    x.replaces = std::to_string(i);
    put(aut, x);
  }
  deliver(aut);
  disconnect(aut);
  connect(aut);
  put_event(aut, "event");
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "event"}));
}

CAF_TEST(at the stop nothing goes out once more) {
  store aut{*this};
  publish(aut);
  disconnect(aut);
  connect(aut);
  aut.drain();
  CAF_CHECK(aut.take(0).empty());
  CAF_CHECK(aut.drained());
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

CAF_TEST_FIXTURE_SCOPE_END()
