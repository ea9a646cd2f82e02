#define CAF_SUITE messages.home_assistant.entities
#include "test/support/unit_test.hpp"

#include "messages/home_assistant/entities.hpp"
#include "test/support/paths.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

using namespace senseflow::messages::home_assistant;
using nlohmann::json;

namespace {

/// What Home Assistant allows, and what each of our values is to be.
json rules() {
  std::ifstream in{senseflow::test::source_path("test/data/home_assistant/sensors.json")};
  return json::parse(in);
}

bool holds(const json& xs, std::string_view x) {
  return std::any_of(xs.begin(), xs.end(), [&](const json& y) { return y.get<std::string>() == x; });
}

void check(const entity& e, const json& all) {
  CAF_MESSAGE(e.key);
  CAF_CHECK(holds(all["device_classes"][std::string{e.kind.platform}], e.kind.device_class));
  if (!e.kind.unit.empty()) CAF_CHECK(holds(all["units"][std::string{e.kind.device_class}], e.kind.unit));
  const bool wordy = holds(all["without_unit"], e.kind.device_class);
  if (wordy) CAF_CHECK(e.kind.unit.empty() && e.kind.state_class.empty());
  if (e.kind.platform != "sensor") CAF_CHECK(e.kind.unit.empty() && e.kind.state_class.empty());
  CAF_CHECK(e.category.empty() || e.category == "diagnostic");
  CAF_CHECK_EQUAL(!e.words.empty(), e.kind.device_class == "enum" || e.kind.platform == "event");
  CAF_CHECK(!e.name.empty() && !e.value.empty());
}

void check_table(const std::vector<entity>& table, const json& rows) {
  const auto all = rules();
  std::set<std::string> seen;
  for (const auto& e : table) {
    check(e, all);
    const std::string key{e.key};
    CAF_CHECK(seen.insert(key).second);
    CAF_REQUIRE(rows.contains(key));
    const json row{std::string{e.kind.platform}, std::string{e.kind.device_class},
                   std::string{e.kind.state_class}, std::string{e.kind.unit}, std::string{e.category}};
    CAF_CHECK_EQUAL(row.dump(), rows[key].dump());
  }
  CAF_CHECK_EQUAL(seen.size(), rows.size());
}

} // namespace

CAF_TEST(every entity of a server is one that home assistant takes) {
  check_table(server_entities(), rules()["server"]);
}

CAF_TEST(every entity of a node is one that home assistant takes) {
  check_table(node_entities(), rules()["node"]);
}

CAF_TEST(what reports an outage does not depend on the server) {
  for (const auto& e : server_entities())
    if (e.from == feed::server_status) CAF_CHECK(e.needs == depends_on::node);
  for (const auto& e : node_entities())
    if (e.from == feed::node_status) CAF_CHECK(e.needs == depends_on::nobody);
}
