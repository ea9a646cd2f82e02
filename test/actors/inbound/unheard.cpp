#define CAF_SUITE actors.inbound.unheard
#include "test/support/unit_test.hpp"

#include "actors/inbound/listener.hpp"
#include "test/support/fake_mqtt_client.hpp"
#include "test/support/logged.hpp"

#include "test/support/actor_fixture.hpp"

// What a listener does not hear, passes over, or can't say any more.

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_broker> broker = std::make_shared<test::fake_broker>();
  listener_options options;
  listener_actor aut;
  const test::logged lines;

  fixture() {
    options.filters = {{"x/request/+", "first"}, {"home/status", "second"}};
    options.sign = "home/status";
    options.reconnect = {100ms, 100ms, 0};
    options.make_client = [b = broker] { return std::make_unique<test::fake_mqtt_client>(b); };
    advance_time(1h); // no time is 0
    start();
  }

  void start() {
    aut = named(names::listener, sys.spawn(listener, env, options));
    consume_messages();
  }
  void accept() {
    broker->accept();
    consume_messages();
  }
  void say(const std::string& what) {
    caf::anon_send(aut, messages::spoken_message{"x/response", what, "", {}});
    consume_messages();
  }
  void hear(const std::string& topic, const std::string& payload) {
    runtime::mqtt_received m;
    m.topic = topic;
    m.payload = payload;
    broker->send(m);
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(unheard_tests, fixture)

CAF_TEST(a broker that passes nothing on though it has granted everything is told once) {
  const auto told = [&] {
    return lines.lines("warn: listener: nothing has come from home/status for 60 s").size();
  };
  pass(10min); // not connected
  accept();
  pass(options.sign_timeout - 1s);
  CAF_CHECK_EQUAL(told(), 0u);
  pass(1s);
  CAF_CHECK_EQUAL(told(), 1u);
  CAF_CHECK_EQUAL(lines.lines("Allow it to read home/status, x/request/+.").size(), 1u);
  pass(options.sign_timeout + 1s);
  CAF_CHECK_EQUAL(told(), 1u);
}

CAF_TEST(one that passes on what this node says is not told) {
  accept();
  hear("home/status", "online");
  pass(options.sign_timeout + 1s);
  options.sign.clear(); // where the node says nothing
  kill(names::listener);
  start();
  accept();
  pass(options.sign_timeout + 1s);
  CAF_CHECK(lines.lines("nothing has come from").empty());
}

CAF_TEST(answers that were not said or not confirmed at the end are counted) {
  const auto dropped = [&] {
    return env->counters.value("listener_answers_dropped_total", {{"reason", "shutdown"}});
  };
  say("waits");
  say("waits");
  stop(aut);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(dropped(), 2);
  start();
  accept();
  say("arrives");
  stop(aut);
  broker->deliver();
  consume_messages();
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(dropped(), 2);
  start();
  accept();
  say("is on its way");
  stop(aut);
  CAF_CHECK_EQUAL(dropped(), 2);
  pass(options.flush_timeout);
  pass(200ms);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(dropped(), 3);
  CAF_CHECK_EQUAL(lines.lines("answer(s) were not said").size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
