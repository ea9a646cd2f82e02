#define CAF_SUITE system.home_assistant
#include "test/support/unit_test.hpp"

#include "test/support/home_assistant.hpp"
#include "test/support/schema_check.hpp"
#include "test/support/stall_watch.hpp"
#include "test/system/system_fixture.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::test;

namespace {

using names = std::set<std::string>;

constexpr auto node = "senseflow here";
/// What is shown of a server while it is away, and of a node.
const names outage{"state", "reachable", "degraded", "error", "since", "last_good_poll", "event"};

/// Two servers, polled every half second, with Home Assistant beside.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;
  std::string more = "  node: here\n  ledger: {interval: 500}\n";
  std::unique_ptr<home_assistant> ha;
  std::unique_ptr<senseflow_process> aut;

  fixture() {
    bench::make_certificates(directory / "certs");
    bench::site_options o;
    o.servers = 2;
    o.certificates = directory / "certs";
    site = std::make_unique<bench::site>(o);
    for (const auto& e : site->endpoints())
      c.servers.emplace_back(e.name, "127.0.0.1:" + std::to_string(e.port));
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.certificates = directory / "certs";
    c.polling_ms = 500;
    c.more = more + on();
    ha = std::make_unique<home_assistant>(broker.port());
  }
  ~fixture() {
    for (const auto& x : ha->faults()) CAF_ERROR(x);
  }

  static std::string on(const std::string& entries = {}) {
    return "  homeAssistant: {enable: true" + entries + "}\n";
  }
  void start() {
    aut = std::make_unique<senseflow_process>(directory, c.text(), std::vector<std::string>{"-l", "verbose"});
  }
  /// It hears what is said from now on.
  bool listens() const { return aut->says("listener: subscribed to"); }
  void stop() {
    CAF_CHECK_EQUAL(aut->stop(), 0);
    CAF_CHECK_EQUAL(occurrences(aut->output(), "does not balance"), 0u);
  }
  void reload(const std::string& with) {
    c.more = more + with;
    aut->configure(c.text());
    const auto before = occurrences(aut->output(), "configuration applied, ");
    aut->process().signal(SIGHUP);
    CAF_REQUIRE(eventually([&] { return occurrences(aut->output(), "configuration applied, ") > before; }));
  }

  void clear(const std::string& topic) const {
    child_process pub{
        {"mosquitto_pub", "-p", std::to_string(broker.port()), "-t", topic, "-n", "-r", "-q", "1"}};
    CAF_REQUIRE(pub.wait() == 0);
  }
  static std::string replaced(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
  }

  template <class Condition>
  bool sees(Condition condition, std::chrono::milliseconds within = 15s) {
    return soon(
        [&] {
          ha->look();
          return condition();
        },
        within, 50ms);
  }
  bool all_available(std::chrono::milliseconds within = 15s) {
    return sees(
        [&] { return ha->all_available("sense1") && ha->all_available("sense2") && ha->all_available(node); },
        within);
  }
  bool shows(const std::string& device, const std::string& key, const std::string& value,
             std::chrono::milliseconds within = 15s) {
    return sees([&] { return ha->entities(device).count(key) > 0 && ha->state(device, key) == value; },
                within);
  }
  bool has(const names& devices) {
    return sees([&] { return ha->devices() == devices; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(home_assistant_tests, fixture)

CAF_TEST(there is a device for each server and one for the node and every value of theirs is one) {
  c.more = more + on(", userEvents: true");
  start();
  CAF_CHECK(has({"sense1", "sense2", node}));
  CAF_REQUIRE(all_available());
  auto& known = ha->known();
  CAF_CHECK_EQUAL(known.find("sense1")->config["via_device"], known.find(node)->config["identifiers"][0]);
  CAF_CHECK(shows("sense1", "state", "online"));
  CAF_CHECK(shows("sense1", "reachable", "ON"));
  CAF_CHECK(shows("sense1", "degraded", "OFF"));
  CAF_CHECK(shows("sense1", "error", "none"));
  CAF_CHECK(shows(node, "connected", "ON"));
  CAF_CHECK(known.find("sense1")->config.contains("sw_version"));
  for (const auto* key : {"cpu", "memory_free", "sessions_active", "started", "calls", "apps_active"})
    CAF_CHECK(ha->state("sense1", key) != "unknown");

  CAF_MESSAGE("all kinds of states and events are rendered by Home Assistant's engine");
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  g.rate = 100;
  g.duration = 1s;
  std::atomic<bool> done{false};
  bench::run_generator(g, done);
  site->status({2}, 503);
  CAF_CHECK(shows("sense2", "state", "offline"));
  site->status({2}, 200);
  CAF_CHECK(shows("sense2", "state", "online"));
  CAF_CHECK(sees([&] { return ha->events(node, "user_activity").size() > 3; }));
  const auto rendered = ha->render_all();
  CAF_MESSAGE(rendered << " renderings");
  CAF_CHECK(rendered > 200);

  CAF_MESSAGE("its messages keep the contract");
  subscriber kept{broker.port()};
  CAF_REQUIRE(kept.settle());
  size_t documents = 0;
  for (const auto& m : kept.messages()) {
    if (m.topic.rfind("homeassistant/", 0) != 0) continue;
    ++documents;
    CAF_CHECK(m.retain);
    CAF_CHECK_EQUAL(m.qos, 1);
    CAF_CHECK_EQUAL(check_message(m.topic, m.payload, m.qos), "");
  }
  CAF_CHECK_EQUAL(documents, 3u);
  stop();
}

CAF_TEST(a server that is away is shown as away and comes back) {
  start();
  CAF_REQUIRE(all_available());
  site->status({1}, 503);
  CAF_CHECK(shows("sense1", "state", "offline", 3s)); // two polls, and a moment
  CAF_CHECK(sees([&] { return ha->none_available("sense1", outage); }, 3s));
  CAF_CHECK(shows("sense1", "reachable", "OFF"));
  CAF_CHECK(shows("sense1", "error", "health: http_status"));
  CAF_CHECK(ha->all_available("sense2"));
  site->status({1}, 200);
  CAF_CHECK(all_available(3s));
  CAF_CHECK(shows("sense1", "error", "none"));
  stop();
}

CAF_TEST(a node that is killed takes its values along and brings them back) {
  start();
  CAF_REQUIRE(all_available());
  aut->process().signal(SIGKILL);
  aut->process().wait();
  CAF_CHECK(shows(node, "connected", "OFF", 3s));
  CAF_CHECK(ha->none_available("sense1"));
  CAF_CHECK(ha->none_available(node, {"connected"}));
  start();
  CAF_CHECK(all_available());
  stop();
  CAF_CHECK(shows(node, "connected", "OFF"));
  CAF_CHECK(ha->none_available("sense2"));
}

CAF_TEST(a broker that is killed and has forgotten everything is told again) {
  start();
  CAF_REQUIRE(all_available());
  broker.kill();
  broker.start();
  ha->restart(); // it knows nothing but what it hears from now on
  CAF_CHECK(has({"sense1", "sense2", node}));
  CAF_CHECK(all_available());
  stop();
}

CAF_TEST(values that no longer come expire) {
  start();
  CAF_REQUIRE(all_available());
  aut->process().signal(SIGSTOP); // nobody says that it is away
  CAF_CHECK(sees([&] { return !ha->available("sense1", "cpu"); }, 12s));
  CAF_CHECK(ha->available("sense1", "state"));
  aut->process().signal(SIGCONT);
  CAF_CHECK(all_available());
  stop();
}

CAF_TEST(a server that is removed by a reload goes and so does all when it is switched off) {
  start();
  CAF_REQUIRE(all_available());
  const auto gone = c.servers.back();
  c.servers.pop_back();
  reload(on());
  CAF_CHECK(has({"sense1", node}));
  c.servers.push_back(gone);
  reload(on());
  CAF_CHECK(has({"sense1", "sense2", node}));
  reload("");
  CAF_CHECK(has({}));
  reload(on());
  CAF_CHECK(has({"sense1", "sense2", node}));
  CAF_CHECK(all_available());
  ha->restart();
  CAF_CHECK(ha->devices() == (names{"sense1", "sense2", node}));
  stop();
}

CAF_TEST(an entity that is switched off goes alone) {
  c.more = more + on(", userEvents: true");
  start();
  CAF_REQUIRE(all_available());
  CAF_CHECK_EQUAL(ha->entities(node).count("user_activity"), 1u);
  reload(on());
  CAF_CHECK(sees([&] { return ha->entities(node).count("user_activity") == 0; }));
  CAF_CHECK(ha->all_available(node));
  stop();
  c.more = more + on(", userEvents: true");
  start();
  CAF_CHECK(sees([&] { return ha->entities(node).count("user_activity") == 1; }));
  stop();
  c.more = more + on(); // over a restart
  start();
  CAF_CHECK(sees([&] { return ha->entities(node).count("user_activity") == 0; }));
  stop();
}

CAF_TEST(what a user has removed stays away until home assistant is born again) {
  start();
  CAF_REQUIRE(all_available() && listens());
  ha->remove("sense1");
  CAF_CHECK(has({"sense2", node}));
  CAF_CHECK(aut->says("was removed there"));
  const auto documents = ha->known().documents();
  const auto listening = occurrences(aut->output(), "listener: subscribed to");
  broker.kill();
  broker.start(); // all but that comes again
  CAF_CHECK(sees([&] { return ha->known().documents() == documents + 2; }));
  CAF_CHECK(eventually([&] { return occurrences(aut->output(), "listener: subscribed to") > listening; }));
  ha->look();
  CAF_CHECK(ha->devices() == (names{"sense2", node}));
  ha->say_online();
  CAF_CHECK(has({"sense1", "sense2", node}));
  CAF_CHECK(all_available());
  stop();
}

CAF_TEST(a program that gives way in a dispute leaves what both have published to the other one) {
  const std::string status = "butler-sos/health/sense1/status",
                    document = "homeassistant/device/senseflow_server_butler--sos_sense1/config";
  start();
  CAF_REQUIRE(all_available() && listens());
  temp_dir elsewhere;
  auto theirs = c;
  theirs.user_port = free_udp_port();
  theirs.more = replaced(c.more, "node: here", "node: there");
  senseflow_process other{elsewhere, theirs.text(), {"-l", "verbose"}};
  CAF_REQUIRE(other.says("listener: subscribed to"));
  ha->say_online(); // both publish all
  CAF_REQUIRE(aut->says("Home Assistant: another program has published to " + document, 30s));
  CAF_REQUIRE(other.says("Home Assistant: another program has published to " + document, 30s));
  subscriber seen{broker.port()};
  CAF_REQUIRE(seen.settle());
  const auto cleared = [&](const std::string& topic) {
    const auto all = seen.messages();
    return std::count_if(all.begin(), all.end(),
                         [&](const auto& m) { return m.topic == topic && m.payload.empty(); });
  };
  other.configure(replaced(theirs.text(), "baseTopic: butler-sos/", "baseTopic: other/"));
  other.process().signal(SIGHUP);
  CAF_CHECK(other.says("configuration applied, "));
  CAF_CHECK(eventually([&] { return cleared("butler-sos/senseflow/there/status") > 0; }, 20s));
  CAF_CHECK(seen.wait_for_topic("other/health/sense1/status"));
  CAF_CHECK(seen.settle());
  CAF_CHECK_EQUAL(cleared(status), 0);
  CAF_CHECK_EQUAL(cleared(document), 0);
  CAF_CHECK_EQUAL(other.stop(), 0);

  CAF_MESSAGE("one that knows no better clears it and the other one mends that");
  seen.clear();
  for (const auto& topic : {status, document}) clear(topic);
  CAF_CHECK(eventually([&] { return cleared(status) == 1 && cleared(document) == 1; }));
  CAF_CHECK(eventually([&] { return seen.count(status) > 1 && seen.count(document) > 1; }, 20s));
  CAF_CHECK_EQUAL(cleared(document), 1);
  stop();
}

CAF_TEST(after a birth all is said once more within ten seconds) {
  start();
  CAF_REQUIRE(all_available() && listens());
  const auto documents = ha->known().documents();
  subscriber seen{broker.port()};
  CAF_REQUIRE(seen.settle());
  seen.clear();
  const auto began = std::chrono::steady_clock::now();
  ha->say_online();
  const auto again = [&](const std::string& topic) { return seen.wait_for_topic(topic, 15s); };
  CAF_CHECK(again("homeassistant/device/senseflow_server_butler--sos_sense2/config"));
  const auto took = std::chrono::steady_clock::now() - began;
  CAF_CHECK(took > 1900ms);
  CAF_CHECK(again("butler-sos/senseflow/here/status"));
  CAF_CHECK(again("butler-sos/health/sense1/status"));
  CAF_CHECK(again("butler-sos/health/sense2/status"));
  CAF_CHECK(sees([&] { return ha->known().documents() == documents + 3; }));
  stop();
}

CAF_TEST_FIXTURE_SCOPE_END()
