#define CAF_SUITE messages.home_assistant.document
#include "test/support/unit_test.hpp"

#include "messages/home_assistant/document.hpp"
#include "messages/home_assistant/entities.hpp"
#include "test/support/paths.hpp"
#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <vector>

using namespace senseflow::messages::home_assistant;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json home_assistants_rules() {
  std::ifstream in{senseflow::test::source_path("test/data/home_assistant/device.schema.json")};
  return json::parse(in);
}

site some_site() { return {"homeassistant", "butler-sos/", "node1", "1.2.3"}; }

server some_server() { return {"Sense Prod", "12.1477.0", 95s, true}; }

json parsed(const document& x) { return json::parse(x.payload); }

/// Its own, or what it inherits.
json of(const json& document, const std::string& key, const char* what) {
  const auto& own = document["components"][key];
  return own.contains(what) ? own[what] : document.value(what, json{});
}

std::vector<std::string> topics(const json& availability) {
  std::vector<std::string> result;
  for (const auto& x : availability) result.push_back(x["topic"]);
  return result;
}

using texts = std::vector<std::string>;

} // namespace

CAF_TEST(home assistant takes every document and every key of it) {
  const auto rules = home_assistants_rules();
  std::vector<document> all{document_of(some_site(), some_server()),
                            document_of(some_site(), {"服 务+#/器", "", 0s}),
                            document_of({"ha/x", "", "n o.d", "1"}, node_feeds{}),
                            document_of(some_site(), node_feeds{false, 0s, ""}),
                            document_of(some_site(), node_feeds{true, 185s, "any/topic"})};
  for (const auto& x : all) {
    CAF_CHECK_EQUAL(senseflow::test::check_json(rules, parsed(x)), "");
    if (!x.removing.empty()) CAF_CHECK_EQUAL(senseflow::test::check_json(rules, json::parse(x.removing)), "");
  }
  auto bad = parsed(all.front());
  for (const auto* place : {"", "/device", "/origin"}) {
    auto x = bad;
    x[json::json_pointer{place}]["unknown"] = 1;
    CAF_CHECK(!senseflow::test::check_json(rules, x).empty());
  }
  bad["components"]["cpu"].erase("unique_id");
  CAF_CHECK(!senseflow::test::check_json(rules, bad).empty());
}

CAF_TEST(ids are clean and different for all that differs in its topics) {
  std::set<std::string> ids;
  size_t n = 0;
  for (const auto* base : {"", "a/", "a/b/", "a-b/", "a_b/"})
    for (const auto* name : {"x", "X", "x y", "x-y", "x_y", "x.y", "b_x"}) {
      site at{"homeassistant", base, name, ""};
      for (const auto& id : {server_id(at, name), node_id(at)}) {
        ids.insert(id);
        ++n;
        CAF_CHECK_EQUAL(
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"),
            id.npos);
      }
    }
  CAF_CHECK_EQUAL(ids.size(), n);
  CAF_CHECK_EQUAL(server_id(some_site(), "sense1"), "senseflow_server_butler--sos_sense1");
  CAF_CHECK_EQUAL(document_of(some_site(), some_server()).topic,
                  "homeassistant/device/senseflow_server_butler--sos_Sense-20Prod/config");
}

CAF_TEST(a server is a device behind the node that polls it) {
  const auto x = parsed(document_of(some_site(), some_server()));
  CAF_CHECK_EQUAL(x["device"]["name"], "Sense Prod");
  CAF_CHECK_EQUAL(x["device"]["sw_version"], "12.1477.0");
  CAF_CHECK_EQUAL(x["device"]["via_device"], node_id(some_site()));
  const auto node = parsed(document_of(some_site(), node_feeds{}));
  CAF_CHECK_EQUAL(node["device"]["identifiers"][0], x["device"]["via_device"]);
  CAF_CHECK_EQUAL(node["device"]["sw_version"], "1.2.3");
  CAF_CHECK(!parsed(document_of(some_site(), {"sense1", "", 0s}))["device"].contains("sw_version"));
}

CAF_TEST(values need node and server and what reports an outage the node only) {
  const auto x = parsed(document_of(some_site(), some_server()));
  CAF_CHECK_EQUAL(x["availability_mode"], "all");
  const texts node{"butler-sos/senseflow/node1/status"};
  const texts both{"butler-sos/senseflow/node1/status", "butler-sos/health/Sense Prod/status"};
  CAF_CHECK(topics(of(x, "cpu", "availability")) == both);
  CAF_CHECK(topics(of(x, "saturated", "availability")) == both);
  for (const auto* key :
       {"state", "silent_appender", "reachable", "degraded", "error", "since", "last_good_poll", "event"})
    CAF_CHECK(topics(of(x, key, "availability")) == node);
  const auto of_node = parsed(document_of(some_site(), node_feeds{}));
  CAF_CHECK(of(of_node, "connected", "availability").is_null());
  CAF_CHECK(topics(of(of_node, "dropped", "availability")) == node);
}

CAF_TEST(health expires and what comes on a change only does not ) {
  const auto x = parsed(document_of(some_site(), some_server()));
  for (const auto& e : server_entities()) {
    const std::string key{e.key};
    CAF_MESSAGE(key);
    CAF_CHECK_EQUAL(x["components"][key].contains("expire_after"),
                    e.from == feed::health && key != "last_good_poll");
  }
  CAF_CHECK_EQUAL(x["components"]["cpu"]["expire_after"], 95);
  CAF_CHECK(!parsed(document_of(some_site(), {"a", "", 0s}))["components"]["cpu"].contains("expire_after"));
  auto at = some_site();
  at.health_lasts = 35s;
  CAF_CHECK_EQUAL(parsed(document_of(at, some_server()))["components"]["poll_duration"]["expire_after"], 35);
  CAF_CHECK_EQUAL(parsed(document_of(at, node_feeds{}))["components"]["degraded"]["expire_after"], 35);
}

CAF_TEST(every entity takes its value from its own topic) {
  const auto x = parsed(document_of(some_site(), some_server()));
  CAF_CHECK_EQUAL(of(x, "cpu", "state_topic"), "butler-sos/health/Sense Prod");
  CAF_CHECK_EQUAL(of(x, "state", "state_topic"), "butler-sos/health/Sense Prod/status");
  CAF_CHECK_EQUAL(of(x, "event", "state_topic"), "butler-sos/health/Sense Prod/event");
  CAF_CHECK_EQUAL(x["components"]["event"]["event_types"].size(), 2u);
  CAF_CHECK_EQUAL(x["components"]["state"]["options"].size(), 3u);
  const auto node = parsed(document_of(some_site(), node_feeds{true, 185s, "users"}));
  CAF_CHECK_EQUAL(of(node, "connected", "state_topic"), "butler-sos/senseflow/node1/status");
  CAF_CHECK_EQUAL(of(node, "dropped", "state_topic"), "butler-sos/senseflow/node1/ledger");
  CAF_CHECK_EQUAL(of(node, "dropped", "expire_after"), 185);
  CAF_CHECK_EQUAL(of(node, "user_activity", "state_topic"), "users");
}

CAF_TEST(a template names its server whatever the name holds) {
  const auto value = [](const std::string& name) {
    return parsed(document_of(some_site(), {name, "", 0s}))["components"]["poll_duration"]["value_template"]
        .get<std::string>();
  };
  CAF_CHECK_EQUAL(value("sense1"), "{{ value_json.pollSeconds[\"sense1\"] | default(none) }}");
  CAF_CHECK_EQUAL(value("a\"}} b"), "{{ value_json.pollSeconds[\"a\\\"}} b\"] | default(none) }}");
}

CAF_TEST(what could be there and is not is first reduced to its platform) {
  const auto all = document_of(some_site(), node_feeds{true, 185s, "users"});
  CAF_CHECK_EQUAL(all.removing, "");
  const auto some = document_of(some_site(), node_feeds{false, 0s, ""});
  const auto before = json::parse(some.removing)["components"];
  CAF_CHECK_EQUAL(before["user_activity"].dump(), R"({"platform":"event"})");
  CAF_CHECK_EQUAL(before["dropped"].dump(), R"({"platform":"sensor"})");
  CAF_CHECK_EQUAL(before.size(), node_entities().size());
  CAF_CHECK_EQUAL(parsed(some)["components"].size(), 4u); // the node's state and health
  CAF_CHECK_EQUAL(document_of(some_site(), some_server()).removing, "");
  const auto quiet = document_of(some_site(), {"sense1", "", 95s, false});
  CAF_CHECK_EQUAL(json::parse(quiet.removing)["components"]["silent_appender"].size(), 1u);
}

CAF_TEST(documents are small enough for brokers with tight limits) {
  CAF_CHECK_LESS(document_of(some_site(), {std::string(60, 'x'), "12.1477.0", 95s, true}).payload.size(),
                 20'000u);
  CAF_CHECK_LESS(document_of(some_site(), node_feeds{true, 185s, "users"}).payload.size(), 6'000u);
}
