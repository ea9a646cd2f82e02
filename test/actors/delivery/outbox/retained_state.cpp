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

CAF_TEST_FIXTURE_SCOPE_END()
