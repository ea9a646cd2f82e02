#define CAF_SUITE actors.inbound.listener
#include "test/support/unit_test.hpp"

#include "actors/inbound/listener.hpp"
#include "test/support/fake_mqtt_client.hpp"
#include "test/support/logged.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::heard_message;
using messages::spoken_message;
using runtime::publish_result;

namespace {

/// Confirms what it hears at once, or when the test says so.
struct shared_taker {
  std::vector<heard_message> heard;
  std::deque<caf::typed_response_promise<caf::ok_atom>> open;
  bool confirms = true;
};

using taker_actor = heard_message_taker::extend<caf::reacts_to<caf::update_atom>>;

taker_actor::behavior_type taker(taker_actor::pointer self, std::shared_ptr<shared_taker> to) {
  return {[self, to](const heard_message& x) -> caf::result<caf::ok_atom> {
            to->heard.push_back(x);
            if (to->confirms) return caf::ok_atom_v;
            to->open.push_back(self->make_response_promise<caf::ok_atom>());
            return to->open.back();
          },
          [to](caf::update_atom) {
            to->open.front().deliver(caf::ok_atom_v);
            to->open.pop_front();
          }};
}

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_broker> broker = std::make_shared<test::fake_broker>();
  std::shared_ptr<shared_taker> first = std::make_shared<shared_taker>(),
                                second = std::make_shared<shared_taker>();
  listener_options options;
  listener_actor aut;

  fixture() {
    options.filters = {{"x/request/+", "first", "requests", true, 200},
                       {"home/status", "second", "births"},
                       {"home/#", "third", "homes"}};
    options.reconnect = {100ms, 100ms, 0};
    options.make_client = [b = broker] { return std::make_unique<test::fake_mqtt_client>(b); };
    advance_time(1h); // no time is 0
    start();
  }
  ~fixture() {
    first->open.clear();
    second->open.clear();
  }

  void start() {
    aut = named(names::listener, sys.spawn(listener, env, options));
    consume_messages();
  }
  void there(const std::string& name, const std::shared_ptr<shared_taker>& what) {
    named(name, sys.spawn(taker, what));
  }
  void accept() {
    broker->accept();
    consume_messages();
  }
  void hear(const std::string& topic, const std::string& payload) {
    runtime::mqtt_received m;
    m.topic = topic;
    m.payload = payload;
    broker->send(m);
    consume_messages();
  }
  void say(const spoken_message& x) {
    caf::anon_send(aut, x);
    consume_messages();
  }
  void grant() {
    broker->grant_subscriptions();
    consume_messages();
  }
  /// What is not heard, with the reason behind it.
  std::string unheard() const {
    const auto x = *env->notices.listener.load();
    return x.unheard.empty() ? "" : fmt::format("{}: {}", fmt::join(x.unheard, ", "), x.trouble);
  }
  double dropped(const std::string& reason) {
    return env->counters.value("listener_dropped_total", {{"reason", reason}});
  }
  double unanswered(const std::string& reason) {
    return env->counters.value("listener_answers_dropped_total", {{"reason", reason}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(listener_tests, fixture)

CAF_TEST(each receiver hears what its filter covers with all that came with it) {
  there("first", first);
  there("second", second);
  accept();
  runtime::mqtt_received m;
  m.topic = "x/request/ping";
  m.payload = "{}";
  m.qos = 1;
  m.retain = true;
  m.response_topic = "x/response/me";
  m.correlation = std::string("a\0b", 3);
  m.user = {{"who", "me"}};
  broker->send(m);
  consume_messages();
  hear("home/status", "online");
  hear("elsewhere", "?");
  CAF_REQUIRE_EQUAL(first->heard.size(), 1u);
  auto heard = first->heard.front();
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(sched.clock().now().time_since_epoch()).count();
  CAF_CHECK(heard.at_ms <= now && heard.at_ms > now - 10'000);
  heard.at_ms = 0;
  CAF_CHECK(
      (heard ==
       heard_message{
           "x/request/ping", "{}", true, 1, "x/response/me", std::string("a\0b", 3), {{"who", "me"}}, 0}));
  CAF_REQUIRE_EQUAL(second->heard.size(), 1u);
  CAF_CHECK_EQUAL(second->heard.front().payload.str(), "online");
  CAF_CHECK_EQUAL(dropped("topic"), 1);
  CAF_CHECK_EQUAL(env->counters.value("listener_messages_total", {{"receiver", "first"}}), 1);
}

CAF_TEST(a receiver that is not there yet gets what it was to hear when it is) {
  accept();
  hear("x/request/1", "1");
  hear("x/request/2", "2");
  there("first", first);
  pass(200ms);
  CAF_REQUIRE_EQUAL(first->heard.size(), 2u);
  CAF_CHECK_EQUAL(first->heard.back().payload.str(), "2");
}

CAF_TEST(a receiver that confirms nothing holds a few and of the rest the newest are dropped) {
  first->confirms = false;
  there("first", first);
  there("second", second);
  accept();
  const auto most = options.most_unanswered + options.filters.front().most_waiting;
  for (size_t i = 0; i < most + 5; ++i) hear("x/request/x", std::to_string(i));
  CAF_CHECK_EQUAL(first->heard.size(), options.most_unanswered);
  CAF_CHECK_EQUAL(dropped("queue_full"), 5);
  hear("home/status", "others do not wait for it");
  CAF_CHECK_EQUAL(second->heard.size(), 1u);
  let_answer("first");
  CAF_CHECK_EQUAL(first->heard.size(), options.most_unanswered + 1);
  first->confirms = true;
  kill("first");
  there("first", first);
  pass(200ms);
  CAF_CHECK_EQUAL(first->heard.size(), most);
  CAF_CHECK_EQUAL(first->heard.back().payload.str(), std::to_string(most - 1));
}

CAF_TEST(a receiver that was replaced while it hung does not keep its successor waiting) {
  first->confirms = false;
  there("first", first);
  accept();
  for (size_t i = 0; i < options.most_unanswered + 1; ++i) hear("x/request/x", std::to_string(i));
  there("first", second); // the old one is still there
  pass(200ms);
  CAF_REQUIRE_EQUAL(second->heard.size(), 1u);
  CAF_CHECK_EQUAL(second->heard.front().payload.str(), std::to_string(options.most_unanswered));
}

CAF_TEST(what is too large is dropped and so is what waits beyond so many bytes) {
  accept();
  hear("x/request/x", std::string(options.largest + 1, 'x'));
  CAF_CHECK_EQUAL(dropped("too_large"), 1);
  for (size_t i = 0; i < options.most_bytes / options.largest + 1; ++i)
    hear("x/request/x", std::string(options.largest, 'x'));
  CAF_CHECK_EQUAL(dropped("queue_full"), 1);
  broker->discard("too_large", 7); // by the client already
  consume_messages();
  CAF_CHECK_EQUAL(dropped("too_large"), 8);
}

CAF_TEST(of each kind of what is dropped there is a line in ten seconds that says how much) {
  accept();
  const test::logged lines;
  const auto told = [&](const std::string& text) { return lines.lines("warn: listener: " + text).size(); };
  for (int i = 0; i < 3; ++i) hear("elsewhere", "?");
  CAF_CHECK_EQUAL(told("a message to elsewhere was dropped: nobody here listens to that"), 1u);
  hear("x/request/a", std::string(options.largest + 1, 'x'));
  CAF_CHECK_EQUAL(told("a message to x/request/a was dropped: it has more than 65536 bytes"), 1u);
  for (size_t i = 0; i < options.filters.front().most_waiting + 5; ++i) hear("x/request/b", "?");
  CAF_CHECK_EQUAL(told("a message to x/request/b was dropped: too much waits for first already"), 1u);
  broker->discard("queue_full", 7);
  consume_messages();
  CAF_CHECK_EQUAL(told("7 message(s) from the MQTT broker dropped: too many at a time"), 1u);
  broker->discard("too_large", 1);
  consume_messages();
  CAF_CHECK_EQUAL(told("1 message(s) from the MQTT broker dropped: more than 102400 bytes"), 1u);
  broker->discard("queue_full", 3);
  consume_messages();
  CAF_CHECK_EQUAL(lines.lines("dropped").size(), 5u);
  pass(10s);
  broker->discard("queue_full", 2);
  hear("elsewhere", "?");
  CAF_CHECK_EQUAL(told("a message to elsewhere was dropped: nobody here listens to that (2 more"), 1u);
  CAF_CHECK_EQUAL(told("5 message(s) from the MQTT broker dropped: too many at a time"), 1u);
}

CAF_TEST(of each kind of answers that are dropped there is a line) {
  const test::logged lines;
  const auto told = [&](const std::string& why) {
    return lines.lines("warn: listener: an answer to x/response/1 was dropped: " + why).size();
  };
  for (size_t i = 0; i < options.most_answers + 3; ++i) say({"x/response/1", "1", "", {}});
  CAF_CHECK_EQUAL(told("too many answers wait already"), 1u);
  pass(options.answer_patience);
  CAF_CHECK_EQUAL(told("there was no connection to the MQTT broker for too long"), 1u);
  accept();
  broker->refuse_next_publishes(1, publish_result::too_large);
  say({"x/response/1", "long", "", "short"});
  CAF_CHECK_EQUAL(told("it is larger than the MQTT broker takes"), 1u);
  broker->refuse_next_publishes(1, publish_result::refused);
  say({"x/response/1", "1", "", {}});
  CAF_CHECK_EQUAL(told("it is no message that MQTT can carry"), 1u);
  broker->lose_connection();
  consume_messages();
  CAF_CHECK_EQUAL(told("the connection was lost on its way"), 1u);
}

CAF_TEST(answers are published with the correlation of their request and never retained) {
  accept();
  say({"x/response/ping", "{\"status\":\"ok\"}", "c", {}});
  CAF_REQUIRE_EQUAL(broker->sent().size(), 1u);
  const auto x = broker->sent().front();
  CAF_CHECK_EQUAL(x.message.topic.str(), "x/response/ping");
  CAF_CHECK_EQUAL(x.message.qos, 1);
  CAF_CHECK(!x.message.retain && x.message.json);
  CAF_CHECK_EQUAL(x.correlation, "c");
  broker->deliver();
  consume_messages();
  CAF_CHECK_EQUAL(env->counters.sum("listener_answers_total"), 1);
}

CAF_TEST(answers wait a moment for a connection and are dropped then) {
  say({"x/response/1", "1", "", {}});
  pass(1s);
  accept();
  CAF_CHECK_EQUAL(broker->sent().size(), 1u);
  broker->lose_connection();
  consume_messages();
  CAF_CHECK_EQUAL(unanswered("connection_lost"), 1);
  say({"x/response/2", "2", "", {}});
  pass(options.answer_patience);
  CAF_CHECK_EQUAL(unanswered("not_connected"), 1);
  for (size_t i = 0; i < options.most_answers + 3; ++i) say({"x/response/3", "3", "", {}});
  CAF_CHECK_EQUAL(unanswered("queue_full"), 3);
}

CAF_TEST(in the place of an answer that the broker takes not for its size comes the shorter one) {
  accept();
  broker->refuse_next_publishes(1, publish_result::too_large);
  say({"x/response/status", "long", "c", "short"});
  CAF_REQUIRE_EQUAL(broker->sent().size(), 1u);
  CAF_CHECK_EQUAL(broker->sent().front().message.payload.str(), "short");
  CAF_CHECK_EQUAL(broker->sent().front().correlation, "c");
  broker->refuse_next_publishes(2, publish_result::too_large);
  say({"x/response/status", "long", "c", "short"});
  broker->refuse_next_publishes(1, publish_result::too_large);
  say({"x/response/status", "long", "c", {}});
  CAF_CHECK_EQUAL(broker->sent().size(), 1u);
  CAF_CHECK_EQUAL(unanswered("too_large"), 4);
  say({"x/response/ping", "goes on", "", {}});
  CAF_CHECK_EQUAL(broker->sent().size(), 2u);
}

CAF_TEST(an answer that the broker refuses is counted with its reason) {
  accept();
  say({"x/response/ping", "1", "", {}});
  broker->refuse("not_authorized");
  consume_messages();
  CAF_CHECK_EQUAL(unanswered("not_authorized"), 1);
}

CAF_TEST(it connects again for ever and counts refused subscriptions) {
  broker->reject();
  consume_messages();
  pass(100ms);
  CAF_CHECK_EQUAL(broker->connects(), 2u);
  accept();
  broker->deny_subscription();
  consume_messages();
  CAF_CHECK_EQUAL(env->counters.sum("listener_denied_total"), 1);
  broker->lose_connection();
  consume_messages();
  pass(100ms);
  CAF_CHECK_EQUAL(broker->connects(), 3u);
  CAF_CHECK_EQUAL(env->counters.sum("listener_lost_total"), 1);
}

CAF_TEST(what it does not hear is told until it does) {
  CAF_CHECK_EQUAL(unheard(), "requests, births, homes: ");
  const auto since = env->notices.listener.load()->since;
  CAF_CHECK(since != caf::timestamp{});
  broker->reject("no way.");
  consume_messages();
  CAF_CHECK_EQUAL(unheard(), "requests, births, homes: no way.");
  pass(100ms);
  accept();
  CAF_CHECK_EQUAL(unheard(), "requests, births, homes: ");
  CAF_CHECK(env->notices.listener.load()->since == since);
  grant();
  CAF_CHECK_EQUAL(unheard(), "");
  broker->lose_connection("gone.");
  consume_messages();
  CAF_CHECK_EQUAL(unheard(), "requests, births, homes: gone.");
  CAF_CHECK(env->notices.listener.load()->since > since);
  pass(100ms);
  accept();
  grant();
  CAF_CHECK_EQUAL(unheard(), "");
  kill(names::listener);
  start();
  CAF_CHECK_EQUAL(unheard(), "requests, births, homes: ");
}

CAF_TEST(of subscriptions that are refused it tells which and asks again with another connection) {
  accept();
  broker->deny_subscription(1, "not there."); // in the order of the filters
  consume_messages();
  CAF_CHECK_EQUAL(unheard(), "births: not there.");
  broker->deny_subscription(2, "nor there.");
  consume_messages();
  CAF_CHECK_EQUAL(unheard(), "requests, births: nor there.");
  pass(options.deaf_timeout - 1s);
  CAF_CHECK(broker->connected());
  pass(1200ms);
  CAF_CHECK(!broker->connected());
  pass(100ms);
  accept();
  CAF_CHECK_EQUAL(unheard(), "requests, births, homes: ");
  grant();
  CAF_CHECK_EQUAL(unheard(), "");
  pass(options.deaf_timeout + 1s);
  CAF_CHECK(broker->connected());
}

CAF_TEST(a connection over which nothing is acknowledged is given up) {
  accept();
  say({"x/response/ping", "1", "", {}});
  pass(options.ack_timeout - 1s);
  CAF_CHECK(broker->connected());
  pass(1200ms);
  CAF_CHECK(!broker->connected());
}

CAF_TEST(it ends when what was to be said is said or its time is up) {
  accept();
  say({"x/response/ping", "1", "", {}});
  stop(aut);
  CAF_CHECK(!ended(aut));
  broker->deliver();
  consume_messages();
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(broker->disconnects(), 1u);
  start();
  accept();
  say({"x/response/ping", "1", "", {}});
  stop(aut);
  pass(options.flush_timeout);
  pass(200ms);
  CAF_CHECK(ended(aut));
}

CAF_TEST(its session does not stay at the broker) {
  runtime::mqtt_options o;
  o.keeps_session = true;
  o.presence.topic = "x/status";
  subscribe_to(o, {{"a/#", "1"}, {"b", "1"}, {"b", "2"}});
  CAF_CHECK(!o.keeps_session);
  CAF_CHECK_EQUAL(o.session_expiry.count(), 0);
  CAF_CHECK(o.presence.topic.empty());
  CAF_REQUIRE_EQUAL(o.subscriptions.size(), 2u);
  CAF_CHECK_EQUAL(o.subscriptions[1].filter, "b");
  CAF_CHECK(o.subscriptions[1].no_local);
}

CAF_TEST_FIXTURE_SCOPE_END()
