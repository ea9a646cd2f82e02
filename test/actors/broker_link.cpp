#define CAF_SUITE actors.broker_link
#include "test/support/unit_test.hpp"

#include "actors/broker_link.hpp"
#include "test/support/fake_mqtt_client.hpp"
#include "test/support/logged.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using kind = runtime::mqtt_event::kind;

namespace {

/// The least that has such a connection: `retry_atom` makes it publish.
using talker_actor = supervised_actor::extend<caf::reacts_to<wake_atom>, caf::reacts_to<caf::tick_atom>,
                                              caf::reacts_to<caf::connect_atom>, caf::reacts_to<retry_atom>>;

struct talker_state {
  talker_state() {}

  broker_link<talker_actor::pointer> link;
  uint64_t last_token = 0;
};

using events = std::shared_ptr<std::vector<kind>>;

talker_actor::behavior_type talker(talker_actor::stateful_pointer<talker_state> self, context_ptr env,
                                   broker_link_options options, std::shared_ptr<test::fake_broker> broker,
                                   events seen) {
  self->state.link = {self, env, options, std::make_unique<test::fake_mqtt_client>(std::move(broker))};
  const auto hear = [self, seen] {
    self->state.link.hear([seen](const runtime::mqtt_event& e) { seen->push_back(e.what); });
    self->state.link.end(true);
  };
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    self->state.link.stop();
    self->state.link.end(true);
  });
  return {
      answer_ping(),
      crash_on_request(),
      [hear](wake_atom) { hear(); },
      [self, hear](caf::tick_atom) {
        self->state.link.watch();
        hear();
        self->state.link.check();
      },
      [self](caf::connect_atom) { self->state.link.connect(); },
      [self](retry_atom) {
        auto& st = self->state;
        st.link.publish(++st.last_token, {"t", "x", 1});
      },
  };
}

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_broker> broker = std::make_shared<test::fake_broker>();
  events seen = std::make_shared<std::vector<kind>>();
  talker_actor aut;

  fixture() {
    advance_time(1h); // no time is 0
    broker_link_options o{"talker", "connects_total", "losses_total", {100ms, 1000ms, 0}};
    o.ack_timeout = 1s;
    aut = named("talker", sys.spawn(talker, env, o, broker, seen));
    consume_messages();
  }
  void accept() {
    broker->accept();
    consume_messages();
  }
  void publish() {
    caf::anon_send(aut, retry_atom_v);
    consume_messages();
  }
  void tick() {
    caf::anon_send(aut, caf::tick_atom_v);
    consume_messages();
  }
  /// It tries again when this is over, and not before.
  bool tries_after(std::chrono::milliseconds t) {
    consume_messages();
    pass(t - 1ms);
    if (broker->connecting()) return false;
    pass(1ms);
    return broker->connecting();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(broker_link_tests, fixture)

CAF_TEST(delays between attempts grow and start anew after a connection that has lasted) {
  broker->reject();
  CAF_CHECK(tries_after(100ms));
  broker->reject();
  CAF_CHECK(tries_after(200ms));
  accept();
  pass(4s);
  broker->lose_connection();
  CAF_CHECK(tries_after(400ms));
  accept();
  pass(5s);
  broker->lose_connection();
  CAF_CHECK(tries_after(100ms));
  CAF_CHECK_EQUAL(env->counters.sum("connects_total"), 2);
  CAF_CHECK_EQUAL(env->counters.sum("losses_total"), 2);
}

CAF_TEST(another way is tried at once) {
  broker->reject_this_way();
  consume_messages();
  CAF_CHECK(broker->connecting());
  CAF_CHECK_EQUAL(broker->connects(), 2u);
}

CAF_TEST(a connection over which nothing is acknowledged is given up) {
  accept();
  publish();
  pass(900ms);
  publish();
  broker->deliver();
  consume_messages();
  pass(900ms);
  tick();
  CAF_CHECK(broker->connected());
  pass(100ms);
  tick();
  CAF_CHECK(!broker->connected());
  tick();
  CAF_CHECK(*seen ==
            (std::vector<kind>{kind::connected, kind::delivered, kind::failed, kind::connection_lost}));
  CAF_CHECK(tries_after(100ms));
  accept();
  pass(1h); // nothing is on its way
  tick();
  CAF_CHECK(broker->connected());
}

CAF_TEST(it ends when what is on its way has ended) {
  accept();
  publish();
  stop(aut);
  CAF_CHECK(!ended(aut));
  broker->deliver();
  consume_messages();
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(broker->disconnects(), 1u);
}

CAF_TEST(it ends when its time is up) {
  accept();
  publish();
  stop(aut);
  pass(999ms);
  tick();
  CAF_CHECK(!ended(aut));
  pass(1ms);
  tick();
  CAF_CHECK(ended(aut));
}

CAF_TEST(without a connection it ends at once) {
  stop(aut);
  CAF_CHECK(ended(aut));
}

CAF_TEST(of one cause there is one line a minute) {
  test::logged lines;
  for (int i = 0; i < 5; ++i) {
    broker->reject("The broker sleeps.");
    consume_messages();
    pass(1s);
  }
  CAF_CHECK_EQUAL(lines.lines("talker: The broker sleeps. Retrying.").size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
