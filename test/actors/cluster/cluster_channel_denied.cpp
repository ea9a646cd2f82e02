#define CAF_SUITE actors.cluster.cluster_channel_denied
#include "test/support/unit_test.hpp"

#include "actors/cluster/cluster_channel.hpp"

#include "test/support/actor_fixture.hpp"
#include "test/support/fake_mqtt_client.hpp"

#include <utility>
#include <vector>

// Some brokers end the connection over what they deny: then it comes and goes, and what is known stays known.

using namespace senseflow;
using namespace senseflow::actors;
using namespace senseflow::test;
using namespace std::chrono_literals;
using state = messages::channel_state;

namespace {

struct fixture : actor_fixture {
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  std::vector<state> told; ///< to the twins, each once
  cluster_channel_options options;

  fixture() {
    options.node = "a";
    options.base = "x/";
    options.reconnect = {100ms, 100ms, 0};
    options.make_client = [this] { return std::make_unique<fake_mqtt_client>(broker); };
    named(names::event_twins, sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const messages::channel_news& x) {
        if (told.empty() || told.back() != x.now) told.push_back(x.now);
      }};
    }));
    named(names::cluster_channel, sys.spawn(cluster_channel, env, options));
    consume_messages();
  }

  void connect() {
    for (int i = 0; i < 20 && !broker->connecting(); ++i) pass(100ms);
    broker->accept();
    broker->grant_subscriptions();
    consume_messages();
  }
  void lose() {
    broker->lose_connection();
    consume_messages();
  }
  /// What the channel has sent to itself comes back.
  void pass_on() {
    runtime::mqtt_received x;
    x.topic = broker->in_flight().back().message.topic;
    x.payload = broker->in_flight().back().message.payload;
    broker->send(std::move(x));
    consume_messages();
  }
};

using states = std::vector<state>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_channel_denied_tests, fixture)

CAF_TEST(a channel whose broker denies and hangs up stays deaf until a message comes back) {
  for (int i = 0; i < 3; ++i) {
    connect();
    broker->refuse("not_authorized");
    lose();
    CAF_CHECK(told == (states{state::down, state::catching_up, state::deaf}));
  }
  connect();
  CAF_CHECK(told.back() == state::deaf);
  pass_on();
  CAF_CHECK(told.back() == state::up);
  lose();
  CAF_CHECK(told.back() == state::down);
  connect();
  CAF_CHECK(told.back() == state::catching_up);
}

CAF_TEST(a channel whose subscription is denied is deaf over the connections that follow) {
  for (int i = 0; i < 20 && !broker->connecting(); ++i) pass(100ms);
  broker->accept();
  broker->deny_subscription();
  consume_messages();
  lose();
  CAF_CHECK(told == (states{state::down, state::catching_up, state::deaf}));
}

CAF_TEST(a connection that ends before anything was denied leaves it down) {
  connect();
  lose();
  CAF_CHECK(told == (states{state::down, state::catching_up, state::down}));
}

CAF_TEST_FIXTURE_SCOPE_END()
