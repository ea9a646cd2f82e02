#define CAF_SUITE system.dashboards
#include "test/support/unit_test.hpp"

#include "test/support/dashboard.hpp"
#include "test/support/free_port.hpp"
#include "test/support/prometheus_server.hpp"
#include "test/system/own_site.hpp"

#include <mosquitto.h>

#include <atomic>
#include <iterator>
#include <map>
#include <thread>

using namespace senseflow;
using namespace senseflow::test;

namespace {

std::string file(const std::string& name) {
  std::ifstream in{source_path(name)};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool matches(const std::string& filter, const std::string& topic) {
  bool result = false;
  return mosquitto_topic_matches_sub(filter.c_str(), topic.c_str(), &result) == MOSQ_ERR_SUCCESS && result;
}

/// A site with users, and events that go on until the end of the test.
struct fixture {
  fixture() {
    site = start_site(directory, c, 3);
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.site = site.get();
    c.sessions = c.app_names = true;
    admin = free_port();
    c.more =
        "  node: sf1\n  ledger: {interval: 1000}\n  admin: {enable: true, port: " + std::to_string(admin) +
        "}\n";
    aut = std::make_unique<senseflow_process>(directory, c.text());
    CAF_REQUIRE(aut->ready());
    events = std::thread{[this] {
      bench::generator_options g;
      g.user_port = c.user_port;
      g.log_port = c.log_port;
      g.rate = 50;
      g.duration = 200s;
      bench::run_generator(g, done);
    }};
  }

  ~fixture() {
    done = true;
    events.join();
  }

  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;
  uint16_t admin = 0; ///< its port
  std::unique_ptr<senseflow_process> aut;
  std::atomic<bool> done{false};
  std::thread events;
};

/// The rules, with no more patience than a test has.
std::string impatient_rules(const temp_dir& directory) {
  auto text =
      std::regex_replace(file("config/alerts/senseflow.rules.yml"), std::regex{"for: \\d+m"}, "for: 2s");
  std::ofstream{directory / "rules.yml"} << text;
  return directory / "rules.yml";
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(dashboard_tests, fixture)

CAF_TEST(each panel on Prometheus shows something of a running program and the alerts follow it) {
  prometheus_server prometheus{admin, {impatient_rules(directory)}};
  auto open = expressions(dashboard("senseflow-prometheus"));
  const auto shown = [&](const auto& x) { return !prometheus.query(filled_in(x.second, "10s")).empty(); };
  const auto all_shown = [&] {
    open.erase(std::remove_if(open.begin(), open.end(), shown), open.end());
    return open.empty();
  };
  CAF_CHECK(eventually(all_shown, 40s, 1s));
  for (const auto& [panel, expression] : open) CAF_ERROR("nothing on " << panel << ": " << expression);

  CAF_MESSAGE("what Prometheus has is explained, but for counters of what went wrong");
  const auto page = file("config/NUMBERS.md");
  for (const auto& x : prometheus.query("count by (__name__) ({job=\"senseflow\"})")) {
    const auto name = x["metric"]["__name__"].get<std::string>();
    if (name.rfind("up", 0) == 0 || name.rfind("scrape_", 0) == 0) continue; // Prometheus' own
    const auto own = std::regex_replace(name, std::regex{"^senseflow_|_(bucket|sum|count)$"}, "");
    if (name.find("_total") == std::string::npos && page.find("`" + own + "`") == std::string::npos)
      CAF_ERROR(name << " is not explained");
  }

  CAF_MESSAGE("the broker goes: the alert waits for its time, then fires");
  const auto alert = [&](const std::string& labels) {
    return eventually([&] { return !prometheus.query("ALERTS{" + labels + "}").empty(); }, 20s, 200ms);
  };
  CAF_CHECK(prometheus.query("ALERTS{alertname=\"SenseflowBrokerAway\"}").empty());
  broker.stop();
  CAF_CHECK(alert("alertname=\"SenseflowBrokerAway\""));
  CAF_CHECK(alert("alertname=\"SenseflowBrokerAway\", alertstate=\"firing\""));
  CAF_CHECK(prometheus.query("ALERTS{alertname=\"SenseflowDown\"}").empty());
  CAF_CHECK_EQUAL(aut->stop(), 0);
  CAF_CHECK(alert("alertname=\"SenseflowDown\", alertstate=\"firing\""));
}

CAF_TEST(each panel on MQTT gets messages with the fields that it shows) {
  subscriber sub{broker.port()};
  CAF_REQUIRE(sub.wait_for_topic("butler-sos/health/sense2", 30s));
  site->hang({2}, true); // its state has an error
  const auto board = dashboard("senseflow-mqtt");
  CAF_CHECK(board["panels"].size() > 5);
  for (const auto& panel : board["panels"]) {
    auto topic = panel["targets"][0]["topic"].get<std::string>();
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"${base}", "butler-sos/"}, {"${server}", "sense1"}, {"${proxy}", "hdr"}, {"${node}", "sf1"}})
      if (const auto at = topic.find(name); at != std::string::npos) topic.replace(at, name.size(), value);
    if (topic.find("/event") != std::string::npos && topic.find("health") != std::string::npos)
      continue; // an engine that restarts: system.main_flow has it
    const auto fits = [&](const received_message& m) {
      if (!matches(topic, m.topic)) return false;
      auto body = nlohmann::json::parse(m.payload, nullptr, false);
      if (!body.is_object()) return false;
      for (const auto& step : panel["transformations"])
        if (step["id"] == "extractFields") {
          const auto source = body.find(step["options"]["source"].get<std::string>());
          if (source == body.end() || !source->is_object()) return false;
          const auto inner = *source;
          body.update(inner);
        }
      for (const auto& [field, yes] : panel["transformations"].back()["options"]["includeByName"].items())
        if (field != "Time" && !body.contains(field)) return false;
      return true;
    };
    const auto got =
        sub.wait_for([&](const auto& all) { return std::any_of(all.begin(), all.end(), fits); }, 30s);
    if (!got) CAF_ERROR(panel["title"] << ": nothing that fits on " << topic);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
