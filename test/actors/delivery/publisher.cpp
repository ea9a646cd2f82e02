#define CAF_SUITE actors.delivery.publisher
#include "test/actors/delivery/publisher.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(publisher_tests, publisher_fixture)

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

CAF_TEST(deliveries that the client wakes nobody for are settled a moment later) {
  connect();
  give(1);
  give(2);
  broker->deliver_quietly();
  pass(49ms);
  CAF_CHECK(settled().empty());
  pass(1ms);
  CAF_CHECK((settled() == settlements{ack(1), ack(2)}));
  give(3);
  broker->deliver_quietly();
  pass(50ms);
  CAF_CHECK((settled() == settlements{ack(1), ack(2), ack(3)}));
}

CAF_TEST(only the last message of a large publication is awaited) {
  broker = std::make_shared<fake_broker>(20);
  connect();
  give(1, 4);
  give(2, 5);
  std::vector<bool> awaited;
  for (const auto& m : broker->sent()) awaited.push_back(m.awaited);
  CAF_CHECK((awaited == std::vector<bool>{false, false, false, false, false, false, false, false, true}));
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

CAF_TEST(who asks makes its client tell presence once more) {
  connect();
  const auto watches = broker->watches();
  caf::anon_send(aut, again_atom_v);
  consume_messages();
  CAF_CHECK_EQUAL(broker->announcements(), 1u);
  CAF_CHECK_EQUAL(broker->watches(), watches + 1); // at once
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
