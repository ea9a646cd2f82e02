#define CAF_SUITE actors.cluster.cluster_channel
#include "test/support/unit_test.hpp"

#include "actors/cluster/cluster_channel.hpp"
#include "actors/supervised.hpp"
#include "test/support/eventually.hpp"
#include "test/support/logged.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/temp_dir.hpp"

#include <caf/all.hpp>

#include <fstream>
#include <mutex>

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::channel_state;
using messages::cluster_message;
using strings = std::vector<std::string>;

namespace {

/// What reached one of the channel's receivers.
struct heard {
  std::mutex mutex;
  strings messages; ///< "topic=payload"
  std::vector<channel_state> states;

  strings all() {
    std::lock_guard lock(mutex);
    return messages;
  }
  bool was(channel_state x) {
    std::lock_guard lock(mutex);
    return !states.empty() && states.back() == x;
  }
};

caf::behavior receiver(caf::event_based_actor*, std::shared_ptr<heard> to) {
  return {[to](const cluster_message& x) {
            std::lock_guard lock(to->mutex);
            to->messages.push_back(x.topic + "=" + x.payload.str() + (x.retain ? " (kept)" : ""));
          },
          [to](const messages::channel_news& x) {
            std::lock_guard lock(to->mutex);
            if (!to->states.empty() && to->states.back() == x.now) return; // it is told again and again
            to->messages.push_back("state=" + std::to_string(static_cast<int>(x.now)));
            to->states.push_back(x.now);
          }};
}

struct config : caf::actor_system_config {
  config() { add_message_types<caf::id_block::senseflow>(); }
};

/// A node's channel with its receivers, on real threads.
struct node {
  node(const test::mosquitto_broker& b, std::string name, std::string user = {}) {
    options.node = name;
    options.base = "x/senseflow/cluster/test/";
    options.marker_timeout = 15s; // not to be had by a machine that stalls
    options.marker_again = 2s;
    options.reconnect = {50ms, 200ms, 0};
    auto mqtt = test::options_for(b.port());
    mqtt.client_id = "senseflow-" + name + "-cluster";
    mqtt.username = user;
    subscribe_to_cluster(mqtt, options.base, name);
    options.make_client = [mqtt] { return runtime::make_mqtt_client(mqtt); };
    start();
  }
  ~node() {
    end(caf::exit_reason::kill);
    for (const auto* name : {names::event_twins, names::cluster_member})
      caf::anon_send_exit(caf::actor_cast<caf::actor>(env->names.find(name)), caf::exit_reason::kill);
    for (const auto* name : {names::event_twins, names::cluster_member})
      env->names.erase(name, caf::actor_cast<caf::actor_addr>(env->names.find(name)));
  }
  void start() {
    aut = sys.spawn(cluster_channel, env, options);
    twins = std::make_shared<heard>();
    member = std::make_shared<heard>();
    env->names.put(names::event_twins, caf::actor_cast<caf::strong_actor_ptr>(sys.spawn(receiver, twins)));
    env->names.put(names::cluster_member,
                   caf::actor_cast<caf::strong_actor_ptr>(sys.spawn(receiver, member)));
  }
  void end(caf::exit_reason reason) {
    if (!aut) return;
    caf::scoped_actor self{sys};
    self->monitor(aut);
    self->send_exit(aut, reason);
    aut = nullptr;
    self->receive([](const caf::down_msg&) {});
  }
  void send(const std::string& topic, const std::string& payload, bool retain = false) {
    caf::anon_send(aut, cluster_message{topic, payload, retain});
  }
  bool becomes(channel_state x) {
    return test::eventually([&] { return twins->was(x); }, 20s);
  }
  bool hears(const std::string& x) {
    return test::eventually([&] {
      const auto all = twins->all();
      return std::find(all.begin(), all.end(), x) != all.end();
    });
  }

  config cfg;
  caf::actor_system sys{cfg};
  context_ptr env = std::make_shared<context>();
  cluster_channel_options options;
  cluster_channel_actor aut;
  std::shared_ptr<heard> twins, member;
};

} // namespace

CAF_TEST(nodes hear each other and not themselves) {
  test::mosquitto_broker broker;
  node a{broker, "a"}, b{broker, "b"};
  CAF_REQUIRE(a.becomes(channel_state::up));
  CAF_REQUIRE(b.becomes(channel_state::up));
  a.send("digests/a", std::string("1\0\xff", 3));
  a.send("node/a", "{}", true);
  CAF_CHECK(b.hears("digests/a=" + std::string("1\0\xff", 3)));
  CAF_CHECK(test::eventually([&] { return b.member->all() == strings{"node/a={}"}; }));
  b.send("digests/b", "2");
  CAF_CHECK(a.hears("digests/b=2"));
  CAF_CHECK(a.member->all().empty());
  node c{broker, "c"};
  CAF_CHECK(test::eventually([&] { return c.member->all() == strings{"node/a={} (kept)"}; }));
}

CAF_TEST(what was sent while a node was away comes before it is up) {
  test::mosquitto_broker broker;
  node a{broker, "a"}, b{broker, "b"};
  for (const auto reason : {caf::exit_reason::kill, caf::exit_reason::user_shutdown}) {
    CAF_REQUIRE(a.becomes(channel_state::up));
    CAF_REQUIRE(b.becomes(channel_state::up));
    b.end(reason);
    for (int i = 0; i < 100; ++i) a.send("digests/a", std::to_string(i));
    a.send("", "marks the end", true);
    test::subscriber end{test::subscriber_options{broker.port(), "x/senseflow/cluster/test"}};
    CAF_REQUIRE(end.wait_for_count(1));
    b.start();
    CAF_REQUIRE(b.becomes(channel_state::up));
    const auto all = b.twins->all();
    strings expected{"state=0", "state=1"};
    for (int i = 0; i < 100; ++i) expected.push_back("digests/a=" + std::to_string(i));
    expected.push_back("state=2");
    CAF_CHECK_EQUAL(all, expected);
  }
}

CAF_TEST(a restart of the broker is told and goes by) {
  test::broker_options o;
  o.persistence = true;
  test::mosquitto_broker broker{o};
  node a{broker, "a"}, b{broker, "b"};
  CAF_REQUIRE(a.becomes(channel_state::up));
  CAF_REQUIRE(b.becomes(channel_state::up));
  broker.stop();
  CAF_CHECK(a.becomes(channel_state::down));
  CAF_CHECK(b.becomes(channel_state::down));
  a.send("digests/a", "kept meanwhile");
  broker.start();
  CAF_CHECK(a.becomes(channel_state::up));
  CAF_CHECK(b.becomes(channel_state::up));
  CAF_CHECK(b.hears("digests/a=kept meanwhile"));
  CAF_CHECK(a.env->counters.sum("cluster_channel_lost_total") >= 1);
}

CAF_TEST(an access list that denies the topics makes the channel deaf) {
  test::temp_dir directory;
  const auto file = directory.path() / "acl";
  std::ofstream(file) << "topic readwrite other/#\n";
  test::broker_options o;
  o.more = {"acl_file " + file.string()};
  test::mosquitto_broker broker{o};
  node a{broker, "a"};
  CAF_CHECK(a.becomes(channel_state::deaf));
  CAF_CHECK(a.env->counters.sum("cluster_channel_deaf_total") >= 1);
}

CAF_TEST(whatever strangers write costs nothing but counters) {
  test::mosquitto_broker broker;
  node a{broker, "a"};
  CAF_REQUIRE(a.becomes(channel_state::up));
  test::publisher stranger{test::options_for(broker.port())};
  CAF_REQUIRE(stranger.connect());
  uint64_t token = 0;
  const auto write = [&](const std::string& topic, const std::string& payload) {
    CAF_REQUIRE(stranger.publish(++token, {"x/senseflow/cluster/test/" + topic, payload, 1}) ==
                runtime::publish_result::sent);
    CAF_CHECK(stranger.outcome(token).what == runtime::mqtt_event::kind::delivered);
  };
  write("marker/a", "not ours");
  write("node/", "");
  write("digests/", "");
  write("digests/a", "as if it were we");
  write("digests/\xc3\xa9", std::string(50'000, '\xff'));
  write("digests/large", std::string(runtime::mqtt_largest_received + 1, 'x'));
  write("digests/b", "the last");
  CAF_CHECK(a.hears("digests/b=the last"));
  CAF_CHECK(a.twins->was(channel_state::up));
  CAF_CHECK_EQUAL(a.twins->all().size(), 2u + 3u);
  CAF_CHECK(test::eventually([&] {
    return a.env->counters.value("cluster_messages_dropped_total", {{"reason", "too_large"}}) == 1 &&
           a.env->counters.value("cluster_messages_dropped_total", {{"reason", "topic"}}) == 2;
  }));
}
