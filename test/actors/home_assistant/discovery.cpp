#define CAF_SUITE actors.home_assistant.discovery
#include "actors/home_assistant/discovery.hpp"
#include "actors/supervised.hpp"

#include <set>

#include "test/support/actor_fixture.hpp"
#include "test/support/fake_actors.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

constexpr auto node_topic = "homeassistant/device/senseflow_node_base_n1/config";
constexpr auto server_topic = "homeassistant/device/senseflow_server_base_a/config";
constexpr auto birth = "homeassistant/status";

/// Notes what had been told when it was asked.
presence_teller::behavior_type fake_publisher(presence_teller::pointer, std::function<void()> asked) {
  return {[asked](again_atom) { asked(); }};
}

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  std::shared_ptr<discovery_estate> own = std::make_shared<discovery_estate>(uint64_t{7});
  discovery_options options;
  std::vector<std::string> let_go, back;
  std::vector<std::set<std::string>> in_dispute;
  discovery_actor aut;

  fixture() {
    options.devices.at = {"homeassistant", "base/", "n1", "1"};
    options.devices.node = {true, 185s, "users"};
    options.devices.servers = {{"a", "", 95s}};
    options.birth_topic = birth;
    options.let_go = [this](const std::string& topic, bool x) { (x ? let_go : back).push_back(topic); };
    options.in_dispute = [this](const auto& topics) { in_dispute.push_back(topics); };
    env->notices.servers.update("a", [](auto& x) { x.version = "12.1"; });
  }
  void start_outbox() { named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox)); }
  void start() {
    aut = named(names::discovery, sys.spawn(discovery, env, options, own));
    consume_messages();
  }
  void hear(const std::string& topic, const std::string& payload, bool retained = false) {
    messages::heard_message m;
    m.topic = topic;
    m.payload = payload;
    m.retained = retained;
    ask<caf::ok_atom>(aut, m);
  }
  /// Topics of all publications, in the order in which they came.
  std::vector<std::string> told() const {
    std::vector<std::string> result;
    for (const auto& b : outbox->batches)
      for (const auto& p : b.publications) result.push_back(p->messages.front().topic.str());
    return result;
  }
};

using texts = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(discovery_tests, fixture)

CAF_TEST(documents go out retained with qos 1 and are in the ledger) {
  start_outbox();
  start();
  CAF_CHECK(told() == (texts{node_topic, server_topic}));
  const auto& p = outbox->batches.at(0).publications.at(1);
  CAF_CHECK_EQUAL(p->replaces.str(), server_topic);
  const auto& m = p->messages.at(0);
  CAF_CHECK(m.retain && m.json);
  CAF_CHECK_EQUAL(m.qos, 1);
  CAF_CHECK_EQUAL(m.expiry_s, 0u);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
  pass(1s);
  pass(1h);
  CAF_CHECK_EQUAL(told().size(), 2u);
  env->notices.servers.update("a", [](auto& x) { x.version = "12.2"; });
  pass(1s);
  CAF_CHECK_EQUAL(told().size(), 3u);
}

CAF_TEST(a birth is answered after a while with presence documents and states in this order) {
  size_t present = 0;
  named(names::publisher(0), sys.spawn(fake_publisher, [&] {
    ++present;
    CAF_CHECK(told().empty());
  }));
  start_outbox();
  start();
  outbox->batches.clear();
  hear(birth, "offline");
  hear(birth, "online", true); // kept by the broker: it was born before
  pass(1min);
  CAF_CHECK(told().empty());
  hear(birth, "online");
  hear(birth, "online");
  pass(1s);
  CAF_CHECK(told().empty());
  for (int i = 0; i < 11; ++i) pass(1s);
  CAF_CHECK_EQUAL(present, 1u); // by its own connection: over another one it might pass a farewell
  CAF_CHECK(told() == (texts{node_topic, server_topic}));
  CAF_CHECK_EQUAL(outbox->agains, 1u);
  CAF_CHECK_EQUAL(env->asked_for_all.load(), 1u);
  pass(1h);
  CAF_CHECK_EQUAL(told().size(), 2u);
}

CAF_TEST(births are answered at different times) {
  start_outbox();
  start();
  std::set<int64_t> delays;
  for (int i = 0; i < 20; ++i) {
    outbox->batches.clear();
    hear(birth, "online");
    int64_t seconds = 0;
    for (; told().empty() && seconds < 20; ++seconds) pass(1s);
    delays.insert(seconds);
  }
  CAF_CHECK(*delays.begin() >= 2);
  CAF_CHECK(*delays.rbegin() <= 11);
  CAF_CHECK(delays.size() > 2);
}

CAF_TEST(a device that was removed there is left alone until the next birth) {
  start_outbox();
  start();
  outbox->batches.clear();
  hear(server_topic, "");
  CAF_CHECK(let_go == texts{server_topic});
  pass(1min);
  CAF_CHECK(told().empty());
  hear(birth, "online");
  for (int i = 0; i < 12; ++i) pass(1s);
  CAF_CHECK(back == texts{server_topic});
  CAF_CHECK_EQUAL(told().size(), 2u);
}

CAF_TEST(another program that publishes the same device is an alarm for ten minutes) {
  const auto alarms = [&] { return env->notices.alarms.all(); };
  start_outbox();
  start();
  hear(server_topic, "{}");
  CAF_CHECK(alarms().empty());
  pass(1min);
  CAF_REQUIRE_EQUAL(alarms().count(names::discovery), 1u);
  const auto alarm = alarms().at(names::discovery).at(0);
  CAF_CHECK_EQUAL(std::string{alarm.id}, "device_disputed");
  CAF_CHECK(alarm.text.find(server_topic) != alarm.text.npos);
  CAF_CHECK_EQUAL(env->counters.sum("home_assistant_disputed_total"), 1);
  kill(names::discovery); // its successor knows
  start();
  pass(9min);
  CAF_CHECK_EQUAL(alarms().size(), 1u);
  pass(1min);
  pass(1s);
  CAF_CHECK(alarms().empty());
  hear(server_topic, "{}");
  pass(1min);
  CAF_CHECK_EQUAL(alarms().size(), 1u);
  stop(aut);
  CAF_CHECK(alarms().empty());
}

CAF_TEST(when the other program gives way all that it has cleared is published again and its states) {
  start_outbox();
  start();
  hear(server_topic, "{}");
  for (int i = 0; i < 6; ++i) pass(1s);
  outbox->batches.clear();
  hear(server_topic, "");
  for (int i = 0; i < 9; ++i) pass(1s);
  CAF_CHECK(told().empty());
  CAF_CHECK_EQUAL(outbox->agains, 0u);
  for (int i = 0; i < 2; ++i) pass(1s);
  CAF_CHECK(told() == texts{server_topic});
  CAF_CHECK_EQUAL(outbox->agains, 1u);
  CAF_CHECK_EQUAL(env->asked_for_all.load(), 1u);
  CAF_CHECK(let_go.empty());
  CAF_CHECK_EQUAL(env->counters.sum("home_assistant_removed_total"), 0);
  pass(1h);
  CAF_CHECK_EQUAL(outbox->agains, 1u);
}

CAF_TEST(what is in dispute is told as long as it is and by a successor as well) {
  using sets = std::vector<std::set<std::string>>;
  start_outbox();
  start();
  CAF_CHECK(in_dispute == sets{{}});
  hear(server_topic, "{}");
  pass(6s);
  CAF_CHECK(in_dispute == (sets{{}, {server_topic}}));
  pass(1min);
  stop(aut);
  CAF_CHECK_EQUAL(in_dispute.size(), 2u);
  in_dispute.clear();
  start();
  CAF_CHECK(in_dispute == sets{{server_topic}});
  pass(8min);
  CAF_CHECK_EQUAL(in_dispute.size(), 1u);
  pass(1min);
  pass(1s);
  CAF_CHECK(in_dispute == (sets{{server_topic}, {}}));
}

CAF_TEST(a dispute is told before it is settled which who asks for all need not wait for) {
  start_outbox();
  start();
  outbox->batches.clear();
  hear(server_topic, "{}");
  for (int i = 0; i < 6; ++i) pass(1s);
  CAF_CHECK_EQUAL(env->notices.alarms.all().count(names::discovery), 1u);
  CAF_CHECK(told().empty());
  CAF_CHECK_EQUAL(ask<uint64_t>(aut, again_atom_v), 2u);
  CAF_CHECK(told() == (texts{node_topic, server_topic}));
  CAF_CHECK_EQUAL(env->counters.sum("home_assistant_disputed_total"), 1);
}

CAF_TEST(who asks gets all documents at once) {
  start_outbox();
  start();
  outbox->batches.clear();
  CAF_CHECK_EQUAL(ask<uint64_t>(aut, again_atom_v), 2u);
  CAF_CHECK(told() == (texts{node_topic, server_topic}));
  CAF_CHECK_EQUAL(outbox->agains, 0u);
}

CAF_TEST(more devices than a batch holds go in several one at a time) {
  options.devices.servers.clear();
  for (int i = 0; i < 120; ++i) {
    options.devices.servers.push_back({"s" + std::to_string(i), "", 95s});
    env->notices.servers.update("s" + std::to_string(i), [](auto& x) { x.version = "1"; });
  }
  outbox->answer_at_once = false;
  start_outbox();
  start();
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 1u);
  CAF_CHECK_EQUAL(outbox->batches[0].publications.size(), 50u);
  let_answer(names::outbox);
  let_answer(names::outbox);
  CAF_CHECK_EQUAL(told().size(), 121u);
  let_answer(names::outbox);
}

CAF_TEST(one that crashes leaves its unaccepted batch to the next one which counts it once) {
  outbox->answer_at_once = false;
  start_outbox();
  start();
  kill(names::discovery);
  start();
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK(outbox->batches[0] == outbox->batches[1]);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
  let_answer(names::outbox);
  let_answer(names::outbox);
  pass(1s);
  CAF_CHECK_EQUAL(outbox->batches.size(), 2u);
}

CAF_TEST(an outbox that dies without an answer is asked again) {
  outbox->answer_at_once = false;
  start_outbox();
  start();
  kill(names::outbox);
  outbox->held.clear();
  outbox->answer_at_once = true;
  start_outbox();
  pass(1s);
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK(outbox->batches[0] == outbox->batches[1]);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
