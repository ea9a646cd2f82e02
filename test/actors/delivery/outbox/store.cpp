#define CAF_SUITE actors.delivery.outbox.store
#include "test/actors/delivery/outbox/store.hpp"

#include <algorithm>
#include <set>

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(outbox_store_tests, store_fixture)

CAF_TEST(without a connected publisher nothing leaves) {
  store aut{*this};
  put_event(aut, "1");
  CAF_CHECK(aut.take(0).empty());
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
}

CAF_TEST(a publisher gets no more messages than its window) {
  store aut{*this};
  for (int i = 1; i <= 5; ++i) put_event(aut, std::to_string(i), "a", 2);
  aut.publisher_here(0, true, 5, {});
  auto first = aut.take(0);
  CAF_CHECK_EQUAL(payloads(first), (strings{"1", "2"}));
  CAF_CHECK(aut.take(0).empty());
  aut.settle(0, settle_all({first[0]}, outcome::acknowledged));
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"3"}));
}

CAF_TEST(a publication larger than the window goes alone) {
  store aut{*this};
  put_event(aut, "1", "a", 20);
  put_event(aut, "2");
  aut.publisher_here(0, true, 5, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
  CAF_CHECK(aut.take(0).empty());
}

CAF_TEST(a batch is taken over once whatever the sender repeats and not before its predecessor) {
  store aut{*this};
  book.received(item_class::user_event, "a", 2);
  auto first = batch(publication(item_class::user_event, "a", "1"));
  auto second = batch(publication(item_class::user_event, "a", "2"));
  CAF_CHECK(!aut.accept(second));
  CAF_CHECK_EQUAL(aut.waiting(), 0u);
  CAF_CHECK(aut.accept(first));
  CAF_CHECK(aut.accept(second));
  CAF_CHECK(aut.accept(first));
  CAF_CHECK(aut.accept(second));
  CAF_CHECK_EQUAL(aut.waiting(), 2u);
  auto of_another_source = batch(publication(item_class::user_event, "a", "3"));
  of_another_source.id = {2, 1};
  book.received(item_class::user_event, "a");
  CAF_CHECK(aut.accept(of_another_source));
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(what ended in the encoder is in the ledger once) {
  store aut{*this};
  book.received(item_class::log_event, "a", 5);
  messages::encoded_batch x;
  x.id = {1, 1};
  x.ended = {{item_class::log_event, "a", true, "source_disabled", 3},
             {item_class::log_event, "a", false, "poison", 2}};
  aut.accept(x);
  aut.accept(x);
  auto l = line(item_class::log_event);
  CAF_CHECK_EQUAL(l.filtered["source_disabled"], 3u);
  CAF_CHECK_EQUAL(l.dropped["poison"], 2u);
  CAF_CHECK(l.balanced());
  CAF_CHECK_EQUAL(l.in(runtime::place::source), 0u);
}

CAF_TEST(what a publisher returns takes its old place) {
  store aut{*this};
  for (int i = 1; i <= 4; ++i) put_event(aut, std::to_string(i));
  aut.publisher_here(0, true, 3, {});
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"1", "2", "3"}));
  aut.publisher_here(0, false, 3, {sent[0].id, sent[1].id, sent[2].id});
  aut.settle(0, settle_all({sent[2], sent[0]}, outcome::returned));
  aut.settle(0, settle_all({sent[1]}, outcome::acknowledged));
  aut.publisher_here(0, true, 3, {}, true);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "3", "4"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(a dead publisher loses nothing) {
  store aut{*this};
  for (int i = 1; i <= 3; ++i) put_event(aut, std::to_string(i));
  aut.publisher_here(0, true, 2, {});
  aut.take(0);
  aut.publisher_died(0);
  CAF_CHECK_EQUAL(aut.in_flight(), 0u);
  CAF_CHECK(aut.take(0).empty());
  aut.publisher_here(0, true, 5, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "2", "3"}));
}

CAF_TEST(a publisher that states itself anew keeps what it holds and loses what never arrived) {
  store aut{*this};
  for (int i = 1; i <= 3; ++i) put_event(aut, std::to_string(i));
  aut.publisher_here(0, true, 3, {});
  auto sent = aut.take(0);
  aut.forget_connections();
  aut.publisher_here(0, true, 3, {sent[0].id, 4711});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"2", "3"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).repeated, 2u);
}

CAF_TEST(settling twice or for another slot has no effect) {
  store aut{*this};
  put_event(aut, "1");
  aut.publisher_here(0, true, 3, {});
  aut.publisher_here(1, true, 3, {});
  auto sent = aut.take(0);
  auto slot = 0u;
  if (sent.empty()) {
    slot = 1;
    sent = aut.take(1);
  }
  aut.settle(1 - slot, settle_all(sent, outcome::acknowledged));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 0u);
  aut.settle(slot, settle_all(sent, outcome::acknowledged));
  aut.settle(slot, settle_all(sent, outcome::acknowledged));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 1u);
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST(a refused publication is dropped with its reason) {
  store aut{*this};
  put_event(aut, "1");
  aut.publisher_here(0, true, 3, {});
  aut.settle(0, settle_all(aut.take(0), outcome::refused));
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["too_large"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(of what comes back only what has not arrived is sent again) {
  store aut{*this};
  put_event(aut, "1", "a", 3);
  aut.publisher_here(0, true, 3, {});
  const messages::message_outcome arrived{outcome::acknowledged}, written{outcome::written},
      returned{outcome::returned};
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(sent[0].arrived, 0u);
  aut.settle(0, {{sent[0].id, outcome::returned, {}, {written, arrived, returned}}});
  pass(1s);
  sent = aut.take(0);
  CAF_REQUIRE_EQUAL(sent.size(), 1u);
  CAF_CHECK_EQUAL(sent[0].arrived, 0b010u);
  aut.publisher_died(0); // what it had got through is not known
  aut.publisher_here(0, true, 3, {});
  sent = aut.take(0);
  CAF_REQUIRE_EQUAL(sent.size(), 1u);
  CAF_CHECK_EQUAL(sent[0].arrived, 0b010u);
  aut.settle(0, settle_all(sent, outcome::written));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 1u);
  CAF_CHECK_EQUAL(line(item_class::user_event).acknowledged, 0u);
}

CAF_TEST(newer state replaces waiting state in its place and goes before events) {
  store aut{*this};
  put(aut, publication(item_class::health, "s1", "old"));
  put_event(aut, "event");
  put(aut, publication(item_class::health, "s1", "new"));
  put(aut, publication(item_class::health, "s2", "other"));
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"new", "other", "event"}));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  CAF_CHECK(line(item_class::health).balanced());
}

CAF_TEST(state that the broker does not take at the moment waits a little too) {
  store aut{*this};
  put(aut, publication(item_class::health, "s1", "old"));
  aut.publisher_here(0, true, 10, {});
  aut.settle(0, settle_all(aut.take(0), outcome::returned));
  CAF_CHECK(aut.take(0).empty());
  put(aut, publication(item_class::health, "s1", "new"));
  pass(1s);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"new"}));
}

CAF_TEST(returned state gives way to newer state) {
  store aut{*this};
  put(aut, publication(item_class::health, "s1", "old"));
  aut.publisher_here(0, true, 1, {});
  auto sent = aut.take(0);
  put(aut, publication(item_class::health, "s1", "new"));
  aut.publisher_here(0, false, 1, {sent[0].id});
  aut.settle(0, settle_all(sent, outcome::returned));
  aut.publisher_here(0, true, 1, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"new"}));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  CAF_CHECK(line(item_class::health).balanced());
}

CAF_TEST(above the cap the oldest events go and are counted) {
  auto size = messages::footprint(publication(item_class::user_event, "a", std::string(1000, 'x')));
  options.max_bytes = 3 * size;
  store aut{*this};
  for (char c = '1'; c <= '5'; ++c) put_event(aut, std::string(1000, c));
  CAF_CHECK_EQUAL(aut.waiting(), 3u);
  CAF_CHECK(aut.bytes() <= options.max_bytes);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["memory_full"], 2u);
  aut.publisher_here(0, true, 1, {});
  auto left = payloads(aut.take(0));
  CAF_CHECK_EQUAL(left[0][0], '3');
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(it is congested above the watermark only while somebody takes from it) {
  auto size = messages::footprint(publication(item_class::user_event, "a", "1"));
  options.max_bytes = 10 * size;
  options.high_watermark_percent = 50;
  store aut{*this};
  for (int i = 1; i <= 6; ++i) put_event(aut, "1");
  CAF_CHECK(!aut.congested());
  aut.publisher_here(0, true, 1, {});
  CAF_CHECK(aut.congested());
  for (int i = 1; i <= 2; ++i) aut.settle(0, settle_all(aut.take(0), outcome::acknowledged));
  CAF_CHECK(!aut.congested());
}

CAF_TEST(at the end everything left is dropped and the law holds) {
  store aut{*this};
  for (int i = 1; i <= 3; ++i) put_event(aut, "x");
  put(aut, publication(item_class::health, "s", "x"));
  aut.end({});
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["shutdown"], 3u);
  CAF_CHECK_EQUAL(line(item_class::health).dropped["shutdown"], 1u);
  for (const auto& l : book.snapshot()) CAF_CHECK(l.balanced());
}

CAF_TEST(at the end what was sent and has no answer is unconfirmed) {
  options.replay_delay = 0ms;
  store aut{*this};
  for (auto n : {1, 1, 1, 2, 1}) put_event(aut, "x", "a", static_cast<size_t>(n));
  put(aut, publication(item_class::health, "s", "x"));
  aut.publisher_here(0, true, 6, {});
  const auto sent = aut.take(0); // the state, and all events but the last one
  CAF_REQUIRE_EQUAL(sent.size(), 5u);
  const auto in_doubt = sent[1].id, returned = sent[2].id, not_sent = sent[3].id, in_parts = sent[4].id;
  aut.publisher_here(0, false, 0, {sent[0].id, in_doubt, returned, not_sent, in_parts});
  aut.settle(0, {{returned, outcome::returned, {}},
                 {not_sent, outcome::not_sent, {}},
                 {in_parts, outcome::not_sent, {}, {{outcome::acknowledged}, {outcome::not_sent}}}});
  aut.end({});
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["unconfirmed"], 3u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["shutdown"], 2u);
  CAF_CHECK_EQUAL(line(item_class::health).dropped["unconfirmed"], 1u);
  for (const auto& l : book.snapshot()) CAF_CHECK(l.balanced());
}

CAF_TEST(what was sent and goes for want of memory before there is an answer is unconfirmed) {
  auto size = messages::footprint(publication(item_class::user_event, "a", std::string(1000, 'x')));
  options.max_bytes = 3 * size;
  store aut{*this};
  put_event(aut, std::string(1000, '1'));
  aut.publisher_here(0, true, 1, {});
  CAF_REQUIRE_EQUAL(aut.take(0).size(), 1u);
  aut.publisher_died(0);
  for (char c = '2'; c <= '5'; ++c) put_event(aut, std::string(1000, c));
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["unconfirmed"], 1u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["memory_full"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(what has waited longer than its expiry is dropped and what has not says how long it waited) {
  options.replay_delay = 0ms;
  store aut{*this};
  auto x = publication(item_class::user_event, "a", "short");
  x.messages.front().expiry_s = 10;
  put(aut, x);
  put_event(aut, "for ever");
  pass(9s);
  put(aut, x);
  pass(2s);
  aut.publisher_here(0, true, 10, {});
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"for ever", "short"}));
  CAF_CHECK_EQUAL(sent[0].age_s, 11u);
  CAF_CHECK_EQUAL(sent[1].age_s, 2u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["expired"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(a step of the wall clock neither drops what waits nor keeps it for ever) {
  options.replay_delay = 0ms;
  for (int64_t step : {-1'000'000'000'000, 1'000'000'000'000}) {
    unix_ms = 1'700'000'000'000;
    store aut{*this};
    auto x = publication(item_class::user_event, "a", "short");
    x.messages.front().expiry_s = 10;
    put(aut, x);
    pass(5s);
    unix_ms += step;
    put(aut, x);
    pass(4s);
    aut.publisher_here(0, true, 1, {});
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(sent.size(), 1u);
    CAF_CHECK_EQUAL(sent[0].age_s, 9u);
    const auto expired = line(item_class::user_event).dropped["expired"];
    pass(7s);
    aut.settle(0, settle_all(sent, outcome::acknowledged));
    CAF_CHECK(aut.take(0).empty()); // 11 seconds old
    CAF_CHECK_EQUAL(line(item_class::user_event).dropped["expired"], expired + 1);
  }
}

CAF_TEST(what is to be cleared of one lane goes out sixteen at a time and one while events wait) {
  store aut{*this};
  aut.publisher_here(0, true, 100, {});
  aut.retained().configured(std::make_shared<const actors::retained_topics>());
  std::vector<messages::retained_topic> left;
  for (int i = 0; i < 50; ++i) left.push_back({std::to_string(i), item_class::node, "here", true});
  CAF_REQUIRE_EQUAL(aut.retained().found(left).size(), 50u);
  const auto go_on = [&] {
    const auto sent = aut.take(0);
    aut.settle(0, settle_all(sent, outcome::acknowledged));
    return sent.size();
  };
  CAF_CHECK_EQUAL(go_on(), 16u);
  put_event(aut, "1");
  put_event(aut, "2");
  const auto beside = aut.take(0);
  CAF_CHECK_EQUAL(payloads(beside), (strings{"", "1", "2"}));
  aut.settle(0, settle_all(beside, outcome::acknowledged));
  CAF_CHECK_EQUAL(go_on(), 16u);
  CAF_CHECK_EQUAL(go_on(), 16u);
  CAF_CHECK_EQUAL(go_on(), 1u);
  CAF_CHECK_EQUAL(go_on(), 0u);
  CAF_CHECK_EQUAL(aut.retained().counted().cleared, 50u);
}

CAF_TEST(values that are due once more leave room for other lanes and none gives way to another) {
  store aut{*this};
  aut.publisher_here(0, true, 100, {});
  const auto value = [](const std::string& origin, const std::string& topic, const std::string& replaces) {
    auto x = publication(item_class::health, origin, "1");
    x.messages.front().topic = topic;
    x.messages.front().retain = true;
    x.replaces = replaces;
    return x;
  };
  for (int i = 0; i < 20; ++i) put(aut, value("a", std::to_string(i), std::to_string(i)));
  auto two = value("a", "x/1", "x");
  two.messages.push_back(two.messages.front());
  two.messages.back().topic = "x/2";
  put(aut, two);
  put(aut, value("b", "b", "b"));
  size_t most = 0;
  const auto all = [&] {
    std::set<std::string> result;
    most = 0;
    for (auto sent = aut.take(0); !sent.empty(); sent = aut.take(0)) {
      most = std::max(most, sent.size());
      for (const auto& x : sent)
        for (const auto& m : x.content->messages) result.insert(m.topic.str());
      aut.settle(0, settle_all(sent, outcome::acknowledged));
    }
    return result;
  };
  const auto first = all();
  CAF_CHECK_EQUAL(first.size(), 23u);
  CAF_CHECK_EQUAL(aut.retained().all_again(), 23u);
  CAF_CHECK(all() == first);
  CAF_CHECK(most > 1u && most <= 16u);
  CAF_CHECK_EQUAL(line(item_class::health).dropped.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
