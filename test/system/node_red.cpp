#define CAF_SUITE system.node_red
#include "test/support/unit_test.hpp"

#include "test/support/node_red_server.hpp"
#include "test/system/own_site.hpp"

#include <map>

using namespace senseflow;
using namespace senseflow::test;
using nlohmann::json;

namespace {

/// The flow as it comes, but for the port of the broker.
json shipped_flow(uint16_t port) {
  std::ifstream in{source_path("config/node-red/senseflow.flow.json")};
  auto flow = json::parse(in);
  for (auto& node : flow)
    if (node["type"] == "mqtt-broker") node["port"] = std::to_string(port);
  return flow;
}

/// What Node-RED answers on the broker, a site of two servers, and senseflow.
struct fixture {
  static constexpr auto patience = 40s;

  fixture() {
    site = start_site(directory, c, 2);
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.site = site.get();
    c.sessions = true;
    c.more = "  node: sf1\n";
    subscriber_options s;
    s.port = broker.port();
    s.version = 5;
    sub = std::make_unique<subscriber>(s);
    sub->knows("node-red/#");
  }

  std::vector<json> answers(const std::string& topic) const {
    std::vector<json> result;
    for (const auto& m : sub->messages())
      if (m.topic == topic) result.push_back(json::parse(m.payload, nullptr, false));
    return result;
  }

  /// The newest answer has this value.
  bool says(const std::string& topic, const std::string& key, const json& value) const {
    const auto said = [&] {
      const auto all = answers(topic);
      return !all.empty() && all.back()[key] == value;
    };
    if (eventually(said, patience, 20ms)) return true;
    for (const auto& x : answers(topic)) CAF_MESSAGE(topic << ": " << x);
    return false;
  }

  std::vector<std::string> presence() const {
    std::vector<std::string> result;
    for (const auto& m : sub->messages())
      if (m.topic == "node-red/senseflow/status") result.push_back(m.payload);
    return result;
  }

  /// Sessions of each user as senseflow has published them.
  std::map<std::string, size_t> users() const {
    std::map<std::string, json> newest;
    for (const auto& m : sub->messages())
      if (m.topic.rfind("butler-sos/sessions/", 0) == 0) newest[m.topic] = json::parse(m.payload);
    std::map<std::string, size_t> result;
    for (const auto& [topic, list] : newest)
      for (const auto& x : list["sessions"])
        ++result[x["UserDirectory"].get<std::string>() + "\\" + x["UserId"].get<std::string>()];
    return result;
  }

  /// The same as Node-RED has added it up.
  std::map<std::string, size_t> answered_users() const {
    std::map<std::string, size_t> result;
    const auto all = answers("node-red/senseflow/users");
    if (all.empty()) return result;
    for (const auto& x : all.back()["users"]) result[x["user"]] = x["sessions"];
    return result;
  }

  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;
  std::unique_ptr<subscriber> sub; ///< to everything
};

/// One alarm for each change, and each begins where the one before has ended.
void check_alarms(const std::vector<json>& all, const std::string& first) {
  auto state = first;
  for (const auto& x : all) {
    CAF_CHECK_EQUAL(x.value("was", ""), state);
    CAF_CHECK(x.value("state", "") != state);
    state = x.value("state", "");
  }
}

} // namespace

CAF_TEST(the shipped flow answers on the broker to what a running program publishes) {
  if (const auto why = why_no_node_red(); !why.empty()) {
    CAF_MESSAGE("SKIPPED, nobody runs the flow: " << why);
    return;
  }
  fixture f;
  node_red_server node_red;
  node_red.deploy(shipped_flow(f.broker.port()));
  CAF_REQUIRE(eventually([&] { return f.presence() == std::vector<std::string>{"online"}; }, f.patience));
  senseflow_process aut{f.directory, f.c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_REQUIRE(f.sub->wait_for_topic("butler-sos/health/sense2/status", f.patience));

  CAF_MESSAGE("errors");
  bench::generator_options g;
  g.log_port = f.c.log_port;
  g.sources = {bench::event_source::proxy};
  CAF_CHECK_EQUAL(bench::send_burst(g, 175).total, 175u); // one of seven is an error
  CAF_CHECK(f.says("node-red/senseflow/errors", "perMinute", 25));
  CAF_CHECK(f.says("node-red/senseflow/alarm/errors", "state", "too many"));

  CAF_MESSAGE("a server goes and comes back");
  const std::string alarm = "node-red/senseflow/alarm/server/sense2";
  f.site->close({2}, true);
  CAF_CHECK(f.says(alarm, "state", "offline"));
  f.site->close({2}, false);
  CAF_CHECK(f.says(alarm, "state", "online"));
  check_alarms(f.answers(alarm), "online");
  CAF_CHECK(f.answers("node-red/senseflow/alarm/server/sense1").empty());

  CAF_MESSAGE("senseflow is killed");
  aut.process().signal(SIGKILL);
  CAF_CHECK(f.says("node-red/senseflow/alarm/senseflow/sf1", "state", "offline"));
  check_alarms(f.answers("node-red/senseflow/alarm/senseflow/sf1"), "online");
  CAF_CHECK(eventually([&] { return f.answered_users() == f.users(); }));
  CAF_CHECK(!f.users().empty());

  CAF_MESSAGE("Node-RED is stopped");
  CAF_CHECK_EQUAL(node_red.stop(), 0);
  CAF_CHECK(eventually([&] { return f.presence() == std::vector<std::string>{"online", "offline"}; }));
  for (const auto& m : f.sub->messages())
    if (m.topic.rfind("node-red/", 0) == 0)
      CAF_CHECK_EQUAL(m.content_type,
                      m.topic == "node-red/senseflow/status" ? "text/plain" : "application/json");
}
