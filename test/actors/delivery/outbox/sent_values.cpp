#define CAF_SUITE actors.delivery.outbox.sent_values
#include "test/actors/delivery/outbox/polls.hpp"

#include <set>

using namespace senseflow;
using namespace senseflow::test;
using actors::sent_values;

CAF_TEST_FIXTURE_SCOPE(sent_values_tests, poll_fixture)

CAF_TEST(unless it is configured everything goes out each time) {
  store aut{*this};
  connect(aut);
  for (int i = 0; i < 3; ++i) CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}})), (strings{"a/x=1"}));
  on.values = on.documents = false;
  configure(aut);
  for (int i = 0; i < 3; ++i) CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}})), (strings{"a/x=1"}));
  CAF_CHECK_EQUAL(aut.last_sent().bytes(), 0u);
}

CAF_TEST(what has not changed is left out and a publication with nothing else is filtered) {
  store aut{*this};
  configure(aut);
  connect(aut);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}, {"y", "1"}})), (strings{"a/x=1", "a/y=1"}));
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}, {"y", "2"}})), (strings{"a/y=2"}));
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}, {"y", "2"}})), strings{});
  CAF_CHECK_EQUAL(deliver(aut, poll("b", {{"x", "1"}, {"y", "2"}})), (strings{"b/x=1", "b/y=2"}));
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "2"}, {"z", "2"}})), (strings{"a/x=2", "a/z=2"}));
  CAF_CHECK_EQUAL(unchanged(), 1u);
  CAF_CHECK_EQUAL(line(item_class::health).published, 4u);
  CAF_CHECK(line(item_class::health).balanced() && line(item_class::health).at_rest());
  CAF_CHECK_EQUAL(aut.last_sent().counted().unchanged, 3u);
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST(each kind of messages has its switch and what is not compared always goes out) {
  const auto all = [](const std::string& time) {
    auto x = poll("a", {{"x", "1"}});
    x.messages.push_back({"doc", R"({"timestamp":")" + time + R"("})", 0, true, 0, true, measure::dated});
    x.messages.push_back({"other", "1", 0, true, 0, true, measure::none});
    return x;
  };
  for (bool v : {true, false})
    for (bool d : {true, false}) {
      store aut{*this};
      on.values = v;
      on.documents = d;
      configure(aut);
      connect(aut);
      CAF_CHECK_EQUAL(deliver(aut, all("1")).size(), 3u);
      CAF_CHECK_EQUAL(deliver(aut, all("2")).size(), 1u + (v ? 0u : 1u) + (d ? 0u : 1u));
    }
}

CAF_TEST(a drift gets through however slow it is) {
  on.bands.cpu = 5;
  store aut{*this};
  configure(aut);
  connect(aut);
  strings sent;
  for (int i = 10; i <= 21; ++i)
    for (auto& x : deliver(aut, poll("a", {{"x", std::to_string(i)}}))) sent.push_back(x);
  CAF_CHECK_EQUAL(sent, (strings{"a/x=10", "a/x=15", "a/x=20"}));
}

CAF_TEST(each value is sent again when its time has come) {
  store aut{*this};
  configure(aut);
  connect(aut);
  deliver(aut, poll("a", {{"x", "1"}, {"y", "1"}}));
  pass(5min);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}, {"y", "2"}})), (strings{"a/y=2"}));
  pass(5min - 1ms);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}, {"y", "2"}})), strings{});
  pass(1ms);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}, {"y", "2"}})), (strings{"a/x=1"}));
}

CAF_TEST(after a connection has come or gone everything goes out again) {
  store aut{*this};
  const auto x = poll("a", {{"x", "1"}});
  const auto goes_out = [&] {
    const bool first = !deliver(aut, x).empty();
    CAF_CHECK_EQUAL(deliver(aut, x), strings{});
    return first;
  };
  configure(aut);
  connect(aut);
  CAF_CHECK(goes_out());
  CAF_CHECK(!goes_out());
  CAF_MESSAGE("a resumed session, too: it does not know what QoS 0 has lost");
  disconnect(aut);
  connect(aut);
  CAF_CHECK(goes_out());
  CAF_MESSAGE("another publisher");
  connect(aut, 1);
  CAF_CHECK(goes_out());
  disconnect(aut, 1);
  CAF_CHECK(goes_out());
  CAF_MESSAGE("a publisher that died");
  connect(aut, 1);
  deliver(aut, x);
  aut.publisher_died(1);
  CAF_CHECK(goes_out());
  CAF_MESSAGE("a new incarnation of the outbox");
  aut.forget_connections();
  connect(aut);
  CAF_CHECK(goes_out());
}

CAF_TEST(after a connection has come everything goes out until subscribers are back) {
  options.replay_delay = 2s;
  store aut{*this};
  configure(aut);
  connect(aut);
  const auto x = poll("a", {{"x", "1"}});
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL(deliver(aut, x).size(), 1u);
    pass(1s - 1ms);
  }
  CAF_CHECK_EQUAL(deliver(aut, x).size(), 1u);
  CAF_CHECK_EQUAL(deliver(aut, x).size(), 0u);
}

CAF_TEST(a new owner of a server sends everything and so does the old one when it has it again) {
  store aut{*this};
  configure(aut);
  connect(aut);
  const values x{{"x", "1"}, {"y", "1"}};
  deliver(aut, poll("a", x, 1));
  CAF_CHECK_EQUAL(deliver(aut, poll("a", x, 1)), strings{});
  CAF_CHECK_EQUAL(deliver(aut, poll("a", x, 3)).size(), 2u);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"y", "1"}}, 4)).size(), 1u);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", x, 4)), (strings{"a/x=1"}));
}

CAF_TEST(a configuration and a request make everything go out) {
  store aut{*this};
  configure(aut);
  connect(aut);
  deliver(aut, poll("a", {{"x", "1"}}));
  configure(aut);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}})).size(), 1u);
  aut.last_sent().forget();
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}})).size(), 1u);
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}})).size(), 0u);
}

CAF_TEST(after a retained topic was cleared everything goes out) {
  store aut{*this};
  configure(aut);
  connect(aut);
  auto x = poll("a", {{"x", "1"}});
  x.messages.front().retain = true;
  const auto topics = [&](std::set<std::string> all) {
    aut.retained().configured(
        std::make_shared<const actors::retained_topics>(actors::retained_topics{std::move(all), {}, {}}));
  };
  topics({"a/x"});
  deliver(aut, x);
  topics({});
  CAF_CHECK_EQUAL(deliver(aut), (strings{"a/x="}));
  topics({"a/x"});
  CAF_CHECK_EQUAL(deliver(aut, x), (strings{"a/x=1"}));
  CAF_CHECK_EQUAL(deliver(aut, x), strings{});
}

CAF_TEST(what a newer poll replaces before it was sent is not taken for sent) {
  store aut{*this};
  configure(aut);
  connect(aut);
  deliver(aut, poll("a", {{"x", "1"}, {"y", "1"}}));
  put(aut, poll("a", {{"x", "2"}, {"y", "1"}}));
  put(aut, poll("a", {{"x", "2"}, {"y", "2"}}));
  CAF_CHECK_EQUAL(deliver(aut), (strings{"a/x=2", "a/y=2"}));
  put(aut, poll("a", {{"x", "3"}, {"y", "2"}}));
  put(aut, poll("a", {{"x", "2"}, {"y", "2"}}));
  CAF_CHECK_EQUAL(deliver(aut), strings{});
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 2u);
  CAF_CHECK_EQUAL(unchanged(), 1u);
}

CAF_TEST(a value is compared with the one on its way) {
  store aut{*this};
  configure(aut);
  connect(aut);
  deliver(aut, poll("a", {{"x", "1"}}));
  put(aut, poll("a", {{"x", "2"}}));
  const auto first = aut.take(0);
  CAF_CHECK_EQUAL(texts(first), (strings{"a/x=2"}));
  put(aut, poll("a", {{"x", "1"}}));
  CAF_CHECK_EQUAL(deliver(aut), (strings{"a/x=1"}));
  aut.settle(0, settle_all(first, outcome::written));
  CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "1"}})), strings{});
}

CAF_TEST(what did not arrive goes out again) {
  for (auto o : {outcome::refused, outcome::returned, outcome::not_sent}) {
    store aut{*this};
    configure(aut);
    connect(aut);
    deliver(aut, poll("a", {{"x", "1"}, {"y", "1"}}));
    put(aut, poll("a", {{"x", "2"}, {"y", "1"}}));
    const auto sent = aut.take(0);
    CAF_CHECK_EQUAL(texts(sent), (strings{"a/x=2"}));
    aut.settle(0, settle_all(sent, o));
    pass(1min); // the pause after it was returned
    CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "2"}, {"y", "1"}})), (strings{"a/x=2"}));
    CAF_CHECK_EQUAL(deliver(aut, poll("a", {{"x", "2"}, {"y", "1"}})), strings{});
  }
}

CAF_TEST(of a publication that arrived in part only the rest goes out again) {
  store aut{*this};
  configure(aut);
  connect(aut);
  const auto x = poll("a", {{"x", "1"}, {"y", "1"}});
  put(aut, x);
  const auto sent = aut.take(0);
  aut.settle(
      0, {{sent.at(0).id, outcome::acknowledged, {}, {{outcome::acknowledged}, {outcome::refused, "acl"}}}});
  CAF_CHECK_EQUAL(deliver(aut, x), (strings{"a/y=1"}));
}

CAF_TEST(room at the publisher is counted for what is really sent) {
  store aut{*this};
  configure(aut);
  connect(aut, 0, 2);
  deliver(aut, poll("a", {{"x", "1"}, {"y", "1"}, {"z", "1"}}));
  deliver(aut, poll("b", {{"x", "1"}, {"y", "1"}, {"z", "1"}}));
  put(aut, poll("a", {{"x", "2"}, {"y", "1"}, {"z", "1"}}));
  put(aut, poll("b", {{"x", "2"}, {"y", "1"}, {"z", "1"}}));
  CAF_CHECK_EQUAL(aut.take(0).size(), 2u);
  CAF_CHECK_EQUAL(aut.in_flight(), 2u);
}

CAF_TEST(of servers that are gone nothing is remembered for longer than the refresh) {
  sent_values aut;
  aut.configured(std::make_shared<const on_change_options>(on));
  for (int i = 100; i < 200; ++i) aut.sent(poll("s" + std::to_string(i), {{"x", "1"}}), now);
  const auto full = aut.bytes();
  CAF_CHECK(full > 1000);
  pass(on.refresh_every - 1ms);
  aut.sent(poll("s100", {{"x", "1"}}), now);
  CAF_CHECK_EQUAL(aut.bytes(), full);
  pass(on.refresh_every);
  aut.sent(poll("s100", {{"x", "1"}}), now);
  CAF_CHECK_EQUAL(aut.bytes(), full / 100);
}

CAF_TEST(what has no room goes out each time) {
  sent_values aut{1000};
  aut.configured(std::make_shared<const on_change_options>(on));
  const auto small = poll("a", {{"x", "1"}}), large = poll("b", {{"x", std::string(1000, 'x')}});
  for (int i = 0; i < 3; ++i) {
    aut.sent(small, now);
    aut.sent(large, now);
  }
  CAF_CHECK(aut.news_of(small, now));
  CAF_CHECK(!aut.news_of(large, now));
  CAF_CHECK(aut.bytes() < 1000);
  CAF_CHECK_EQUAL(aut.counted().unremembered, 3u);
  CAF_MESSAGE("a value that has grown too large is not taken for the former one");
  aut.sent(poll("a", {{"x", std::string(1000, 'x')}}), now);
  CAF_CHECK(!aut.news_of(small, now));
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
