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

CAF_TEST(what others publish at a place in common is passed over whatever its size) {
  auto devices = options.filters.front();
  devices.filter = "ha/device/+/config";
  devices.begins = "ha/device/senseflow_";
  options.filters.push_back(devices);
  kill(names::listener);
  start();
  accept();
  const std::string large(options.largest + 1, 'x');
  const auto dropped = [&](const char* reason) {
    return env->counters.value("listener_dropped_total", {{"reason", reason}});
  };
  hear("ha/device/lamp/config", large);
  hear("ha/device/lamp/config", "{}");
  CAF_CHECK(lines.lines("was dropped").empty());
  CAF_CHECK_EQUAL(dropped("not_ours"), 2);
  CAF_CHECK_EQUAL(env->counters.sum("listener_messages_total"), 0);
  hear("ha/device/senseflow_a/config", "{}");
  CAF_CHECK_EQUAL(env->counters.value("listener_messages_total", {{"receiver", "first"}}), 1);
  hear("ha/device/senseflow_a/config", large);
  CAF_CHECK_EQUAL(dropped("too_large"), 1);
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
