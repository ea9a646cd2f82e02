#define CAF_SUITE actors.delivery.publisher
#include "actors/delivery/publisher.hpp"

#include "test/support/fake_actors.hpp"
#include "test/support/fake_mqtt_client.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;
using messages::outcome;

namespace {

struct fixture : test::actor_fixture {
  publisher_options options;
  std::shared_ptr<test::fake_broker> broker = std::make_shared<test::fake_broker>(4);
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  publisher_actor aut;

  fixture() {
    options.window = 4;
    options.reconnect = {100ms, 1000ms, 0};
    options.stable_after = 5s;
    options.make_client = [this] { return std::make_unique<test::fake_mqtt_client>(broker); };
  }
  void start() {
    aut = named(names::publisher(0), sys.spawn(publisher, env, options));
    consume_messages();
  }
  void spawn_outbox() { named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox)); }
  void connect() {
    spawn_outbox();
    start();
    broker->accept();
    consume_messages();
  }
  void give(uint64_t id, size_t n = 1, std::string origin = "a") {
    messages::publication p;
    p.origin = std::move(origin);
    for (size_t i = 0; i < n; ++i)
      p.messages.push_back({"t", std::to_string(id) + "." + std::to_string(i), 1, false, 0});
    messages::delivery_batch b;
    b.items.push_back({id, messages::shared<messages::publication>{std::move(p)}});
    caf::anon_send(aut, b);
    consume_messages();
  }
  void give(uint64_t id, messages::publication p) {
    messages::delivery_batch b;
    b.items.push_back({id, messages::shared<messages::publication>{std::move(p)}});
    caf::anon_send(aut, b);
    consume_messages();
  }
  void give(uint64_t id, const char* topic, uint8_t qos = 1) {
    messages::publication p;
    p.messages.push_back({topic, "payload", qos, false, 0});
    give(id, std::move(p));
  }
  /// The connection ends, and there is another one.
  void lose_and_reconnect() {
    broker->lose_connection();
    consume_messages();
    for (int i = 0; i < 20 && !broker->connecting(); ++i) pass(100ms);
    broker->accept();
    consume_messages();
  }
  std::vector<std::string> topics_on_the_way() {
    std::vector<std::string> result;
    for (const auto& m : broker->in_flight()) result.push_back(m.message.topic.str());
    return result;
  }
  std::vector<messages::settlement> settled() {
    std::vector<messages::settlement> result;
    for (const auto& b : outbox->settled) result.insert(result.end(), b.items.begin(), b.items.end());
    return result;
  }
  std::vector<std::string> sent() {
    std::vector<std::string> result;
    for (const auto& m : broker->sent()) result.push_back(m.message.payload.str());
    return result;
  }
  messages::settlement ack(uint64_t id) { return {id, outcome::acknowledged, {}}; }
  messages::settlement back(uint64_t id) { return {id, outcome::returned, {}}; }

  /// The broker closes over one of two topics, and shows that only a moment after a message was delivered.
  void find_without_acknowledgements(bool mqtt5, uint8_t maximum_qos) {
    broker->speak(mqtt5, maximum_qos);
    connect();
    for (uint64_t id = 1; id < 30; id += 2) {
      give(id, "good");
      give(id + 1, "bad");
      for (int i = 0; i < 50; ++i) {
        const auto way = topics_on_the_way();
        broker->deliver(way.size());
        consume_messages();
        pass(100ms);
        if (std::count(way.begin(), way.end(), "bad") == 0) continue;
        lose_and_reconnect();
        break;
      }
    }
    CAF_CHECK_EQUAL(env->counters.sum("mqtt_topics_set_aside_total"), 1);
    CAF_CHECK_EQUAL(broker->connects(), 6u); // two make suspects, three are the proof
    outbox->settled.clear();
    give(100, "good");
    broker->deliver();
    consume_messages();
    CAF_REQUIRE_EQUAL(settled().size(), 1u);
    CAF_CHECK(settled()[0].result == (maximum_qos == 0 ? outcome::written : outcome::acknowledged));
  }
};

using settlements = std::vector<messages::settlement>;
using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(publisher_tests, fixture)

CAF_TEST(it tells the outbox when it is connected and how much it can hold) {
  spawn_outbox();
  start();
  CAF_REQUIRE_EQUAL(outbox->states.size(), 1u);
  CAF_CHECK(!outbox->states[0].connected);
  broker->accept();
  consume_messages();
  CAF_REQUIRE_EQUAL(outbox->states.size(), 2u);
  CAF_CHECK((outbox->states[1] == messages::publisher_state{0, true, false, 4, {}}));
}

CAF_TEST(a publication is settled when all of its messages are acknowledged) {
  connect();
  give(7, 2);
  broker->deliver();
  consume_messages();
  CAF_CHECK(settled().empty());
  broker->deliver();
  consume_messages();
  CAF_CHECK((settled() == settlements{ack(7)}));
}

CAF_TEST(messages beyond the window wait and leave in order) {
  connect();
  give(1, 6);
  CAF_CHECK_EQUAL(broker->in_flight().size(), 4u);
  broker->deliver(4);
  consume_messages();
  CAF_CHECK_EQUAL(sent(), (std::vector<std::string>{"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"}));
  broker->deliver(2);
  consume_messages();
  CAF_CHECK((settled() == settlements{ack(1)}));
}

CAF_TEST(a lost connection returns everything and connects again after the back off) {
  connect();
  give(1);
  give(2, 2);
  broker->deliver();
  consume_messages();
  broker->lose_connection();
  consume_messages();
  CAF_CHECK((settled() == settlements{ack(1), back(2)}));
  CAF_CHECK(!outbox->states.back().connected);
  CAF_CHECK_EQUAL(broker->connects(), 1u);
  pass(99ms);
  CAF_CHECK_EQUAL(broker->connects(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(broker->connects(), 2u);
  broker->accept();
  consume_messages();
  CAF_CHECK(outbox->states.back().connected);
  give(2, 2);
  broker->deliver(2);
  consume_messages();
  CAF_CHECK((settled() == settlements{ack(1), back(2), ack(2)}));
}

CAF_TEST(failed attempts to connect are repeated with growing delays) {
  spawn_outbox();
  start();
  for (auto delay : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    auto before = broker->connects();
    broker->reject();
    consume_messages();
    pass(delay - 1ms);
    CAF_CHECK_EQUAL(broker->connects(), before);
    pass(1ms);
    CAF_CHECK_EQUAL(broker->connects(), before + 1);
  }
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_connect_failures_total"), 6);
}

CAF_TEST(connections that end soon are followed by growing delays until one has lasted) {
  connect();
  for (auto delay : {100ms, 200ms, 400ms, 800ms}) {
    pass(1s);
    auto before = broker->connects();
    broker->lose_connection();
    consume_messages();
    pass(delay - 1ms);
    CAF_CHECK_EQUAL(broker->connects(), before);
    pass(1ms);
    CAF_CHECK_EQUAL(broker->connects(), before + 1);
    broker->accept();
    consume_messages();
  }
  pass(5s);
  auto before = broker->connects();
  broker->lose_connection();
  consume_messages();
  pass(100ms);
  CAF_CHECK_EQUAL(broker->connects(), before + 1);
}

CAF_TEST(the client is told every second to look for what nobody reports) {
  connect();
  auto before = broker->watches();
  for (int i = 0; i < 3; ++i) pass(1s);
  CAF_CHECK_EQUAL(broker->watches(), before + 3);
}

CAF_TEST(a broker that does not take the presence message is counted and all else goes on) {
  spawn_outbox();
  start();
  broker->deny_presence();
  broker->accept();
  consume_messages();
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_presence_denied_total"), 1);
  CAF_CHECK(outbox->states.back().connected);
}

CAF_TEST(what arrives without a connection goes back) {
  spawn_outbox();
  start();
  give(3);
  CAF_CHECK((settled() == settlements{{3, outcome::not_sent, {}}}));
}

CAF_TEST(a lost connection tells what had left from what had not ) {
  connect();
  give(1, 4);
  give(2);
  broker->lose_connection();
  consume_messages();
  CAF_CHECK((settled() == settlements{back(1), {2, outcome::not_sent, {}}}));
}

CAF_TEST(what has not left goes back or follows the rest of its publication over the next connection) {
  connect();
  give(1, 3);
  give(2);
  broker->hand_back_but(1);
  broker->lose_connection("made to fail", true);
  consume_messages();
  CAF_CHECK((settled() == settlements{{2, outcome::not_sent, {}}}));
  pass(100ms);
  broker->accept(65535, true);
  consume_messages();
  CAF_CHECK_EQUAL(sent(), (std::vector<std::string>{"1.0", "1.1", "1.2", "2.0", "1.1", "1.2"}));
  broker->deliver(3);
  consume_messages();
  CAF_CHECK((settled() == settlements{{2, outcome::not_sent, {}}, ack(1)}));
}

CAF_TEST(what turns out only after the loss not to have left goes back like the rest and
         does not overtake it) {
  connect();
  give(1);
  give(2);
  give(3);
  broker->hand_back_token(2);
  broker->lose_connection("made to fail", true);
  broker->hand_back_token(3); // the client was just sending it
  consume_messages();
  CAF_CHECK((settled() == settlements{{2, outcome::not_sent, {}}, {3, outcome::not_sent, {}}}));
  pass(100ms);
  broker->accept(65535, true);
  consume_messages();
  CAF_CHECK_EQUAL(sent(), (std::vector<std::string>{"1.0", "2.0", "3.0"}));
}

CAF_TEST(a connection over which nothing is acknowledged any more is given up) {
  options.ack_timeout = 4s;
  connect();
  pass(1min); // nothing on its way: nothing to wait for
  give(1);
  give(2);
  pass(3s);
  broker->deliver();
  consume_messages();
  pass(3s);
  CAF_CHECK(broker->connected());
  pass(2s);
  CAF_CHECK(!broker->connected());
  CAF_CHECK((settled() == settlements{ack(1), back(2)}));
}

CAF_TEST(another way to connect is tried at once) {
  start();
  CAF_CHECK_EQUAL(broker->connects(), 1u);
  broker->reject_this_way();
  consume_messages();
  CAF_CHECK_EQUAL(broker->connects(), 2u);
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_connect_retries_total"), 1);
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_connect_failures_total"), 0);
}

CAF_TEST(a broker with a smaller window than ours decides) {
  spawn_outbox();
  start();
  broker->accept(2);
  consume_messages();
  CAF_CHECK_EQUAL(outbox->states.back().window, 2u);
}

CAF_TEST(a publication counts as delivered when one of its messages was and another one refused) {
  connect();
  give(1, 2);
  broker->refuse("too_large");
  consume_messages();
  CAF_CHECK(settled().empty());
  broker->deliver();
  consume_messages();
  CAF_CHECK(
      (settled() ==
       settlements{
           {1, outcome::acknowledged, {}, {{outcome::refused, "too_large"}, {outcome::acknowledged}}}}));
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_refused_total"), 1);
}

CAF_TEST(a message that the client refuses is settled at once) {
  connect();
  broker->refuse_next_publishes(1);
  give(1);
  CAF_CHECK((settled() == settlements{{1, outcome::refused, "invalid_message"}}));
}

CAF_TEST(a failed message returns its publication and what is late of it does not count) {
  connect();
  give(1, 3);
  broker->fail();
  consume_messages();
  CAF_CHECK((settled() == settlements{back(1)}));
  give(1, 1);
  broker->deliver(2); // late ones of the first attempt
  consume_messages();
  CAF_CHECK((settled() == settlements{back(1)}));
  broker->deliver();
  consume_messages();
  CAF_CHECK((settled() == settlements{back(1), ack(1)}));
}

CAF_TEST(a message over which connections end is found while it travels alone and the others go on) {
  connect();
  give(1, "bad");
  give(2, "good");
  lose_and_reconnect();
  give(1, "bad");
  give(2, "good");
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"bad", "good"}));
  lose_and_reconnect(); // for the second time over the same topics
  for (int i = 0; i < 3; ++i) {
    give(1, "bad");
    give(2, "good");
    CAF_CHECK(broker->in_flight().empty()); // whether the connection holds
    pass(1s);
    CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"bad"}));
    lose_and_reconnect();
  }
  outbox->settled.clear();
  give(1, "bad");
  give(2, "good");
  CAF_CHECK((settled() == settlements{{1, outcome::refused, "closes_connection"}}));
  pass(1s);
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"good"}));
  broker->deliver();
  consume_messages();
  CAF_CHECK((settled() == settlements{{1, outcome::refused, "closes_connection"}, ack(2)}));
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_set_aside_total"), 1);
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_topics_set_aside_total"), 1);
  for (uint64_t id = 3; id <= 6; ++id) give(id, "good"); // at full speed again
  CAF_CHECK_EQUAL(broker->in_flight().size(), 4u);
}

CAF_TEST(beside a suspect others travel together) {
  connect();
  for (int i = 0; i < 2; ++i) {
    give(1, "suspect");
    lose_and_reconnect();
  }
  give(2, "a");
  give(3, "b");
  give(4, "c");
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"a", "b", "c"}));
  give(5, "suspect");
  give(6, "d");
  pass(1s);
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"a", "b", "c"}));
  broker->deliver(3);
  consume_messages();
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"suspect"}));
  broker->deliver();
  consume_messages();
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"d"}));
}

CAF_TEST(a topic over which a broker without acknowledgements closes is found too) {
  find_without_acknowledgements(true, 0);
}

CAF_TEST(a topic over which a broker closes that acknowledges first is found too) {
  find_without_acknowledgements(false, 2);
}

CAF_TEST(what is suspected goes with an acknowledgement) {
  connect();
  for (int i = 0; i < 2; ++i) {
    give(1, "a", 0);
    give(2, "b", 0);
    lose_and_reconnect();
  }
  give(1, "a", 0);
  pass(1s);
  CAF_REQUIRE_EQUAL(broker->in_flight().size(), 1u);
  CAF_CHECK_EQUAL(broker->in_flight()[0].message.qos, 1);
}

CAF_TEST(a refusal with which the connection ends sets its topic aside at once) {
  connect();
  give(1, "bad");
  give(2, "good");
  broker->refuse("not_authorized");
  consume_messages();
  lose_and_reconnect();
  outbox->settled.clear();
  give(3, "bad");
  CAF_CHECK((settled() == settlements{{3, outcome::refused, "closes_connection"}}));
  give(4, "good");
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"good"}));
}

CAF_TEST(a publication with a topic that is set aside goes out without it and counts as delivered) {
  connect();
  give(1, "bad");
  broker->refuse("not_authorized");
  consume_messages();
  lose_and_reconnect();
  outbox->settled.clear();
  messages::publication p;
  for (auto topic : {"everything", "bad"}) p.messages.push_back({topic, "x", 1, false, 0});
  give(2, std::move(p));
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"everything"}));
  broker->deliver();
  consume_messages();
  CAF_REQUIRE_EQUAL(settled().size(), 1u);
  CAF_CHECK(settled()[0].result == outcome::acknowledged);
}

CAF_TEST(connections that end for other reasons make nobody a suspect) {
  connect();
  for (int i = 0; i < 10; ++i) {
    give(1, "a");
    broker->lose_connection("taken over", false, true);
    consume_messages();
    pass(10s);
    broker->accept();
    consume_messages();
  }
  give(1, "a");
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"a"}));
}

CAF_TEST(a restarted outbox hears again what is held and what was not reported) {
  connect();
  give(1);
  give(2);
  outbox->answer_at_once = false;
  broker->deliver();
  consume_messages();
  CAF_CHECK((settled() == settlements{ack(1)}));
  kill(names::outbox);
  outbox->answer_at_once = true;
  outbox->settled.clear();
  spawn_outbox();
  pass(20ms);
  CAF_CHECK_EQUAL(outbox->states.back().holds, (std::vector<uint64_t>{2}));
  CAF_CHECK((settled() == settlements{ack(1)}));
}

CAF_TEST(what came back is settled before the outbox hears of the connection that would bring newer ones) {
  connect();
  give(1);
  broker->lose_connection("made to fail", true);
  consume_messages();
  pass(100ms);
  outbox->answer_at_once = false;
  broker->accept(); // it does not know the session any more
  consume_messages();
  CAF_CHECK((settled() == settlements{back(1)}));
  CAF_CHECK(!outbox->states.back().connected);
  outbox->answer_at_once = true;
  let_answer(names::outbox);
  CAF_CHECK(outbox->states.back().connected);
  CAF_CHECK(outbox->states.back().holds.empty());
}

CAF_TEST(what a resumed session completes counts as repeated) {
  connect();
  give(1);
  give(2);
  broker->lose_connection("made to fail", true);
  consume_messages();
  pass(100ms);
  broker->accept(65535, true);
  consume_messages();
  CAF_CHECK_EQUAL(outbox->states.back().holds.size(), 2u);
  CAF_CHECK_EQUAL(line(messages::publication{}.cls).repeated, 2u);
}

CAF_TEST(a new incarnation starts with a new connection) {
  connect();
  give(1);
  kill(names::publisher(0));
  start();
  CAF_CHECK_EQUAL(broker->connects(), 2u);
  CAF_CHECK(outbox->states.back().holds.empty());
}

CAF_TEST(a stopped publisher takes leave of the broker) {
  connect();
  stop(aut);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(broker->disconnects(), 1u);
}

CAF_TEST(after a loss it connects again only when the outbox knows of it) {
  connect();
  give(1);
  outbox->answer_at_once = false;
  broker->lose_connection();
  consume_messages();
  for (int i = 0; i < 5; ++i) pass(100ms);
  CAF_CHECK(!broker->connecting());
  give(2); // of an outbox that does not know yet
  while (!outbox->open.empty()) let_answer(names::outbox);
  pass(100ms);
  CAF_CHECK(broker->connecting());
  auto x = settled();
  CAF_CHECK(std::any_of(x.begin(), x.end(),
                        [](const auto& s) { return s.id == 2 && s.result == outcome::not_sent; }));
}

CAF_TEST(an origin from outside breaks no packet) {
  connect();
  give(1, 1,
       "a\xc2\x85"
       "b\x01+");
  auto last = broker->sent().back();
  CAF_CHECK_EQUAL(last.origin, "a_b__");
}

CAF_TEST_FIXTURE_SCOPE_END()
