#define CAF_SUITE actors.inbound.leftovers
#include "test/support/unit_test.hpp"

#include "actors/inbound/leftovers.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_mqtt_client.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;

namespace {

constexpr auto ours = "0123456789abcdef-00000001", before = "0123456789abcdef-00000000",
               other = "0123456789abcde0-00000001";

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_broker> broker = std::make_shared<test::fake_broker>();
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  leftovers_options options;
  leftovers_actor aut;

  fixture() {
    options.node = "here";
    options.instance = ours;
    options.filters = {"x/health/#"};
    options.reconnect = {100ms, 100ms, 0};
    options.most = 3;
    options.make_client = [b = broker] { return std::make_unique<test::fake_mqtt_client>(b); };
    advance_time(1h); // no time is 0
    named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox));
    aut = named(names::leftovers, sys.spawn(leftovers, env, options));
    consume_messages();
  }

  void subscribe() {
    broker->accept();
    broker->grant_subscriptions();
    pass(200ms);
  }
  void retained(const std::string& topic, const std::string& instance, bool retain = true) {
    runtime::mqtt_received m;
    m.topic = topic;
    m.payload = "{}";
    m.retain = retain;
    if (!instance.empty()) m.user["instance"] = instance;
    broker->send(m);
  }
  void pass_in_steps(std::chrono::milliseconds t) {
    for (; t > 0ms; t -= 200ms) pass(200ms);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(leftovers_tests, fixture)

CAF_TEST(what carries our instance and is retained is told when nothing more comes and then it is over) {
  subscribe();
  retained("x/health/a", before);
  retained("x/health/b", other);
  retained("x/health/c", "");
  retained("x/health/d", ours, false);
  pass_in_steps(1800ms);
  retained("x/health/e", ours);
  pass_in_steps(1800ms);
  CAF_CHECK(outbox->left.empty());
  CAF_CHECK_EQUAL(broker->disconnects(), 0u);
  pass_in_steps(1s);
  CAF_REQUIRE_EQUAL(outbox->left.size(), 1u);
  const auto& found = outbox->left.front().topics;
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK_EQUAL(found[0].topic, "x/health/a");
  CAF_CHECK_EQUAL(found[0].source, "here");
  CAF_CHECK_EQUAL(found[1].topic, "x/health/e");
  CAF_CHECK_EQUAL(broker->disconnects(), 1u);
  CAF_CHECK_EQUAL(env->counters.sum("leftovers_found_total"), 2);
  pass_in_steps(10s);
  CAF_CHECK_EQUAL(outbox->left.size(), 1u);
  CAF_CHECK_EQUAL(broker->connects(), 1u);
  CAF_CHECK(!ended(aut));
}

CAF_TEST(it listens no longer than it may and remembers no more than it may) {
  subscribe();
  for (int i = 0; i < 60; ++i) {
    retained("x/health/" + std::to_string(i), ours);
    pass(200ms);
  }
  CAF_REQUIRE_EQUAL(outbox->left.size(), 1u);
  CAF_CHECK_EQUAL(outbox->left.front().topics.size(), options.most);
  CAF_CHECK(env->counters.value("listener_dropped_total", {{"reason", "too_many"}}) > 0);
}

CAF_TEST(what is cleared while it looks is not told) {
  subscribe();
  retained("x/health/a", before);
  retained("x/health/b", before);
  pass(200ms);
  runtime::mqtt_received cleared;
  cleared.topic = "x/health/a";
  broker->send(cleared);
  cleared.topic = "x/health/c";
  broker->send(cleared);
  pass_in_steps(3s);
  CAF_REQUIRE_EQUAL(outbox->left.size(), 1u);
  const auto& found = outbox->left.front().topics;
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].topic, "x/health/b");
}

CAF_TEST(what was there before the connection was lost counts no more) {
  subscribe();
  retained("x/health/a", before);
  retained("x/health/b", before);
  pass(200ms);
  broker->lose_connection();
  pass(200ms);
  pass(200ms);
  subscribe();
  retained("x/health/b", before);
  pass_in_steps(3s);
  CAF_REQUIRE_EQUAL(outbox->left.size(), 1u);
  const auto& found = outbox->left.front().topics;
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].topic, "x/health/b");
}

CAF_TEST(it tries again until it has looked) {
  broker->reject();
  pass(200ms);
  pass(200ms);
  CAF_CHECK_EQUAL(broker->connects(), 2u);
  broker->accept();
  pass(200ms);
  broker->lose_connection();
  pass(200ms);
  pass(200ms);
  CAF_CHECK_EQUAL(broker->connects(), 3u);
  subscribe();
  pass_in_steps(3s);
  CAF_CHECK_EQUAL(outbox->left.size(), 1u);
}

CAF_TEST(a broker that does not let it read is left alone) {
  broker->accept();
  broker->deny_subscription();
  pass_in_steps(20s);
  CAF_CHECK_EQUAL(broker->disconnects(), 1u);
  CAF_CHECK_EQUAL(broker->connects(), 1u);
  CAF_CHECK(outbox->left.empty());
}

CAF_TEST(an outbox that is not there is told when it is) {
  kill(names::outbox);
  subscribe();
  pass_in_steps(5s);
  named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox));
  pass(200ms);
  CAF_CHECK_EQUAL(outbox->left.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
