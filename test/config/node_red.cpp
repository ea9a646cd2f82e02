#define CAF_SUITE config.node_red
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>

using namespace senseflow::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const auto file = source_path("config/node-red/senseflow.flow.json");

json flow() {
  std::ifstream in{file};
  return json::parse(in);
}

std::vector<json> nodes_of(const std::string& type) {
  std::vector<json> result;
  for (const auto& x : flow())
    if (x["type"] == type) result.push_back(x);
  return result;
}

} // namespace

CAF_TEST(the flow can be imported and its wires lead somewhere) {
  std::map<std::string, json> all;
  std::set<std::string> reached;
  for (const auto& x : flow()) {
    CAF_CHECK(std::regex_match(x["id"].get<std::string>(), std::regex{"[0-9a-f]{16}"}));
    CAF_CHECK(all.emplace(x["id"].get<std::string>(), x).second);
    CAF_CHECK(!x.contains("credentials"));
  }
  for (const auto& [id, x] : all) {
    if (!x.contains("z")) continue;
    CAF_CHECK_EQUAL(all.at(x["z"])["type"], "tab");
    for (const auto& output : x["wires"])
      for (const auto& to : output) {
        CAF_CHECK_EQUAL(all.at(to)["z"], x["z"]);
        reached.insert(to.get<std::string>());
      }
    if (x.contains("broker")) CAF_CHECK_EQUAL(all.at(x["broker"])["type"], "mqtt-broker");
    for (const auto& watched : x.value("scope", json::array())) CAF_CHECK_EQUAL(all.at(watched)["z"], x["z"]);
  }
  const std::set<std::string> last{"function", "debug", "mqtt out"};
  for (const auto& [id, x] : all)
    if (last.count(x["type"]) == 1) CAF_CHECK_EQUAL(reached.count(id), 1u);
  CAF_CHECK_EQUAL(nodes_of("tab").size(), 3u);
}

CAF_TEST(the connection speaks MQTT 5 and tells of itself) {
  const auto brokers = nodes_of("mqtt-broker");
  CAF_REQUIRE_EQUAL(brokers.size(), 1u);
  const auto& x = brokers[0];
  CAF_CHECK_EQUAL(x["protocolVersion"], "5");
  for (const std::string part : {"birth", "close", "will"}) {
    CAF_CHECK_EQUAL(x[part + "Topic"], "node-red/senseflow/status");
    CAF_CHECK_EQUAL(x[part + "Retain"], "true");
    CAF_CHECK_EQUAL(x[part + "Payload"], part == "birth" ? "online" : "offline");
  }
}

CAF_TEST(the flow listens to what is published and answers elsewhere) {
  const message_contract contract;
  CAF_CHECK(nodes_of("mqtt in").size() >= 4);
  for (const auto& x : nodes_of("mqtt in")) {
    auto topic = std::regex_replace(x["topic"].get<std::string>(), std::regex{"\\+"}, "name");
    topic = std::regex_replace(topic, std::regex{"#$"}, "sense1/default");
    const auto channels = contract.channels_of(topic);
    if (channels.empty()) CAF_ERROR("nothing is published to " << topic);
    CAF_CHECK_EQUAL(x["datatype"], channels == std::vector<std::string>{"nodeStatus"} ? "utf8" : "json");
  }
  for (const auto& x : nodes_of("mqtt out")) CAF_CHECK_EQUAL(x["contentType"], "application/json");
  CAF_CHECK(contract.channels_of("node-red/senseflow/alarm/errors").empty());
}

CAF_TEST(its functions do what they should) {
  child_process node{{"node", source_path("test/support/node_red/functions.js"), file}};
  const auto code = node.wait(20s);
  if (!code || *code != 0 || node.output().find("all right") == std::string::npos) CAF_ERROR(node.output());
}
