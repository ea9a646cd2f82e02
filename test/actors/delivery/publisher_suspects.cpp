#define CAF_SUITE actors.delivery.publisher_suspects
#include "test/actors/delivery/publisher.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(publisher_suspects_tests, publisher_fixture)

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

CAF_TEST(a topic over which the broker closes with an innocent reason is found while others get through) {
  connect();
  for (int i = 0; i < 10 && env->counters.sum("mqtt_topics_set_aside_total") == 0; ++i) {
    give(1, "good");
    give(2, "bad");
    pass(1s);
    if (topics_on_the_way().front() == "good") broker->deliver();
    consume_messages();
    pass(1s);
    if (topics_on_the_way() != strings{"bad"}) continue;
    broker->lose_connection("shutting down", false, runtime::mqtt_blame::perhaps);
    consume_messages();
    for (int j = 0; j < 60 && !broker->connecting(); ++j) pass(100ms);
    broker->accept();
    consume_messages();
  }
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_topics_set_aside_total"), 1);
  outbox->settled.clear();
  give(1, "good");
  give(2, "bad");
  CAF_CHECK((settled() == settlements{{2, outcome::refused, "closes_connection"}}));
}

CAF_TEST(what the broker does not take for now goes back and the next waits a while) {
  connect();
  give(1, "a");
  give(2, "b");
  broker->postpone();
  consume_messages();
  CAF_CHECK((settled() == settlements{back(1)}));
  give(1, "a");
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"b"}));
  pass(150ms);
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"b", "a"}));
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_postponed_total"), 1);
  for (int i = 0; i < 20; ++i) { // ever longer
    broker->postpone();
    consume_messages();
    give(10 + i, "a");
    for (int j = 0; j < 100 && broker->in_flight().size() < 2; ++j) pass(100ms);
  }
  const auto before = broker->sent().size();
  broker->postpone();
  consume_messages();
  give(40, "a");
  pass(3s);
  CAF_CHECK_EQUAL(broker->sent().size(), before);
}

CAF_TEST(messages that the broker sends are counted) {
  connect();
  broker->send_unsolicited(7);
  consume_messages();
  CAF_CHECK_EQUAL(env->counters.sum("mqtt_unsolicited_total"), 7);
}

CAF_TEST(connections that this side gives up make nobody a suspect) {
  connect();
  for (int i = 0; i < 10; ++i) {
    give(1, "a");
    broker->lose_connection("nothing acknowledged", false, runtime::mqtt_blame::none);
    consume_messages();
    pass(10s);
    broker->accept();
    consume_messages();
  }
  give(1, "a");
  CAF_CHECK_EQUAL(topics_on_the_way(), (strings{"a"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
