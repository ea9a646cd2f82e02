#define CAF_SUITE system.retained
#include "test/support/unit_test.hpp"

#include "test/system/own_site.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

using topics = std::set<std::string>;
using values = std::map<std::string, std::string>; ///< topic -> payload

constexpr auto foreign = "butler-sos/health/foreign/status"; ///< of another program

/// Two servers, each with two virtual proxies.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;

  fixture() {
    site = start_site(directory, c, 2);
    for (const auto& e : site->endpoints())
      c.servers.emplace_back(e.name, "127.0.0.1:" + std::to_string(e.port));
    c.broker_port = broker.port();
    c.sessions = true;
    c.polling_ms = 500;
    c.more = "  node: here\n";
  }

  static topics of(const std::vector<std::string>& servers, const std::vector<std::string>& proxies,
                   const std::string& base = "butler-sos/") {
    topics result{base + "senseflow/here/status", base + "senseflow/here/ledger"};
    for (const auto& s : servers) {
      result.insert({base + "health/" + s, base + "health/" + s + "/status"});
      for (const auto& vp : proxies) result.insert(base + "sessions/" + s + "/" + vp);
    }
    return result;
  }
  static topics all() { return of({"sense1", "sense2"}, {"default", "hdr"}); }

  /// What the broker retains at this moment, but for its own topics.
  values retained() const {
    subscriber_options o;
    o.port = broker.port();
    o.filter = "#";
    subscriber now{o};
    now.knows(foreign);
    if (!now.settle()) throw std::runtime_error("the broker does not deliver");
    values result;
    for (const auto& m : now.messages())
      if (m.retain) result[m.topic] = m.payload;
    return result;
  }
  bool retains(const topics& expected, std::chrono::milliseconds within = 15s) const {
    values seen;
    const auto as_expected = [&] {
      seen = retained();
      topics there;
      for (const auto& [topic, payload] : seen) there.insert(topic);
      return there == expected;
    };
    if (eventually(as_expected, within, 200ms)) return true;
    for (const auto& [topic, payload] : seen) CAF_MESSAGE("retained: " << topic);
    return false;
  }

  void publish_foreign() const {
    child_process pub{{"mosquitto_pub", "-p", std::to_string(broker.port()), "-t", foreign, "-m", "online",
                       "-r", "-q", "1"}};
    CAF_REQUIRE(pub.wait() == 0);
  }

  static void reload(const senseflow_process& aut, const std::string& text) {
    aut.configure(text);
    const auto before = occurrences(aut.output(), "configuration applied, ");
    const_cast<senseflow_process&>(aut).process().signal(SIGHUP);
    CAF_REQUIRE(eventually([&] { return occurrences(aut.output(), "configuration applied, ") > before; }));
  }

  static bool balanced(const senseflow_process& aut) {
    return occurrences(aut.output(), "does not balance") == 0;
  }
};

topics with(topics x, const std::string& more) {
  x.insert(more);
  return x;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(retained_tests, fixture)

CAF_TEST(a broker that has forgotten everything is told again within seconds) {
  c.actors = "publishers: {count: 3}";
  c.more += "  ledger: {interval: 3600000}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(retains(all()));
  c.polling_ms = 40'000; // most of the next polls come too late to help
  reload(aut, c.text());
  const auto before = retained();
  broker.stop();
  broker.start();
  CAF_CHECK(retains(all(), 10s));
  const auto after = retained();
  for (const auto* topic : {"butler-sos/health/sense1/status", "butler-sos/health/sense2/status",
                            "butler-sos/senseflow/here/ledger"})
    CAF_CHECK_EQUAL(after.at(topic), before.at(topic));
  CAF_CHECK_EQUAL(after.at("butler-sos/senseflow/here/status"), "online");
  const auto book = aut.ledger_now();
  CAF_CHECK_EQUAL(book["availability"]["recovered"], 2); // not once per publisher
  CAF_CHECK_EQUAL(book["node"]["recovered"], 1);
  CAF_CHECK(book["health"]["recovered"] >= 1);
  CAF_CHECK(book["sessions"]["recovered"] >= 2);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(balanced(aut));
}

CAF_TEST(a broker that knows the session is not told again) {
  broker_options o;
  o.persistence = true;
  mosquitto_broker persistent{o};
  c.broker_port = persistent.port();
  senseflow_process aut{directory, c.text()};
  subscriber seen{persistent.port()};
  CAF_REQUIRE(seen.wait_for_topic("butler-sos/health/sense2/status"));
  const auto polls = [&] { return aut.ledger_now()["health"]["published"].get<int>(); };
  const auto restart = [&] {
    persistent.stop();
    persistent.start();
    CAF_REQUIRE(eventually([&] { return occurrences(persistent.log(), " as senseflow-here-") > 0; }, 15s));
    const auto before = polls();
    CAF_REQUIRE(eventually([&] { return polls() > before + 2; }, 15s)); // what is due is out by then
  };
  restart(); // mosquitto does not keep a session whose first connection was a clean one
  const auto before = aut.ledger_now();
  restart();
  const auto after = aut.ledger_now();
  CAF_CHECK_EQUAL(after["availability"]["recovered"], before["availability"]["recovered"]);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a reload clears what is no longer configured and nothing else) {
  publish_foreign();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(retains(with(all(), foreign)));
  CAF_MESSAGE("a server");
  c.servers.pop_back();
  reload(aut, c.text());
  CAF_CHECK(retains(with(of({"sense1"}, {"default", "hdr"}), foreign)));
  CAF_CHECK(aut.says(
      "clearing 4 retained topic(s) that the configuration no longer has: butler-sos/health/sense2, "));
  CAF_MESSAGE("its virtual proxies");
  c.sessions = false;
  reload(aut, c.text());
  CAF_CHECK(retains(with(of({"sense1"}, {}), foreign)));
  CAF_MESSAGE("the base topic");
  auto text = c.text();
  text.replace(text.find("baseTopic: butler-sos/"), 22, "baseTopic: other/");
  reload(aut, text);
  CAF_CHECK(retains(with(of({"sense1"}, {}, "other/"), foreign)));
  CAF_MESSAGE("and back, with presence and the ledger switched off");
  c.mqtt = "presence: false";
  c.more += "  ledger: {interval: 0}\n";
  reload(aut, c.text());
  const topics rest{"butler-sos/health/sense1", "butler-sos/health/sense1/status"};
  CAF_CHECK(retains(with(rest, foreign)));
  CAF_MESSAGE("the layout");
  c.more += "  layouts: {documented: false}\n";
  reload(aut, c.text());
  CAF_CHECK(retains({foreign}));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(balanced(aut));
}

CAF_TEST(a start clears what an earlier configuration left and nothing else) {
  publish_foreign();
  {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(retains(with(all(), foreign)));
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  {
    CAF_MESSAGE("servers that can't be reached stay");
    site.reset();
    senseflow_process aut{directory, c.text()};
    const auto offline = [&] {
      const auto all = retained();
      const auto has = [&](const char* topic) {
        return all.at(topic).find(R"("offline")") != std::string::npos;
      };
      return has("butler-sos/health/sense1/status") && has("butler-sos/health/sense2/status");
    };
    CAF_CHECK(eventually(offline, 20s, 200ms));
    CAF_CHECK(retains(with(all(), foreign)));
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  c.servers.erase(c.servers.begin());
  {
    senseflow_process aut{directory, c.text()};
    CAF_CHECK(aut.says(
        "clearing 4 retained topic(s) that the configuration no longer has: butler-sos/health/sense1, "));
    CAF_CHECK(retains(with(of({"sense2"}, {"default", "hdr"}), foreign)));
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  auto text = c.text();
  text.replace(text.find("baseTopic: butler-sos/"), 22, "baseTopic: other/");
  senseflow_process aut{directory, text};
  CAF_CHECK(retains(
      {"other/senseflow/here/status", "other/senseflow/here/ledger", "other/health/sense2/status", foreign}));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(balanced(aut));
}

CAF_TEST(without a spool a reload clears and a start does not ) {
  c.more += "  delivery: {mode: memory}\n";
  {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(retains(all()));
    c.servers.pop_back();
    reload(aut, c.text());
    CAF_CHECK(retains(of({"sense1"}, {"default", "hdr"})));
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  c.sessions = false;
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("connected to the MQTT broker"));
  CAF_CHECK(retains(of({"sense1"}, {"default", "hdr"})));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
