#define CAF_SUITE messages.encode.health

#include "test/support/unit_test.hpp"

#include "messages/encode/health.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

using namespace senseflow::messages;
using nlohmann::json;

namespace {

health_sample some_sample(const std::string& body) {
  auto x = *parse_health(body);
  x.server = "sense1";
  x.host = "host1";
  x.timestamp = caf::timestamp{caf::timespan{1'700'000'000'123'000'000}};
  x.tags = {{"group", "DEV"}};
  return x;
}

std::map<std::string, std::string> values(const std::string& body) {
  std::map<std::string, std::string> out;
  const auto result = encode_health(some_sample(body), {"base/", true, false, {}});
  for (const auto& m : std::get<publication>(result).messages) out[m.topic.str()] = m.payload.str();
  return out;
}

json document(const std::string& body) {
  const auto result = encode_health(some_sample(body), {"base/", false, true, {}});
  return json::parse(std::get<publication>(result).messages.at(0).payload.str());
}

std::string ratio(const std::string& hits, const std::string& lookups) {
  return hit_ratio(some_sample("{\"cache\":{\"hits\":" + hits + ",\"lookups\":" + lookups + "}}"));
}

} // namespace

CAF_TEST(each value that is there has its topic) {
  auto x =
      values(R"({"version":"1","started":"s","mem":{"committed":1.5},"apps":{"active_docs":["a",null,2]}})");
  CAF_CHECK_EQUAL(x.size(), 4u);
  CAF_CHECK_EQUAL(x["base/host1/version"], "1");
  CAF_CHECK_EQUAL(x["base/host1/mem/comitted"], "1.5");
  CAF_CHECK_EQUAL(x["base/host1/apps/active_docs"], "a,,2");
}

CAF_TEST(the host makes no levels of its own) {
  auto sample = some_sample("{}");
  sample.host = "a+/#";
  sample.server = "x/y";
  const auto out = std::get<publication>(encode_health(sample, {"", true, true, {}}));
  CAF_CHECK_EQUAL(out.messages.front().topic.str(), "a_/_/version");
  CAF_CHECK_EQUAL(out.messages.back().topic.str(), "health/x_y");
}

CAF_TEST(the document has bytes and a timestamp) {
  const auto x = document(R"({"version":"1","mem":{"committed":1,"allocated":7215.08203125,"free":0.5},
      "cpu":{"total":3.5},"session":{"active":1,"total":2},"users":{"active":3,"total":4},
      "apps":{"active_docs":["a"],"calls":123456789012345678901234567890},
      "cache":{"hits":1,"lookups":3,"bytes_added":-5},"saturated":false})");
  CAF_CHECK(x == json::parse(R"({"server":"sense1","host":"host1","timestamp":"2023-11-14T22:13:20.123Z",
      "version":"1","started":"","cpu":3.5,"memory":{"committed":1048576,"allocated":7565561856,"free":524288},
      "sessions":{"active":1,"total":2},"users":{"active":3,"total":4},
      "apps":{"active_docs":["a"],"calls":123456789012345678901234567890},
      "cache":{"hits":1,"lookups":3,"bytes_added":-5,"hit_ratio":33},"saturated":false,"tags":{"group":"DEV"}})"));
}

CAF_TEST(the flat document has the same on one level with lists as numbers) {
  auto sample = some_sample(R"({"version":"1","mem":{"committed":1,"free":0.5},
      "cpu":{"total":3.5},"session":{"active":1},"apps":{"active_docs":["a",null],"loaded_docs":[],"calls":7},
      "cache":{"hits":1,"lookups":3},"saturated":false})");
  sample.tags = {{"group", "DEV"}, {"a b", "1"}, {"group", "PROD"}};
  sample.by = {"node-1", 4711};
  const auto out = std::get<publication>(encode_health(sample, {"base/", false, false, {1, true, 60}, true}));
  CAF_REQUIRE_EQUAL(out.messages.size(), 1u);
  const auto& m = out.messages.front();
  CAF_CHECK_EQUAL(m.topic.str(), "base/health/sense1/flat");
  CAF_CHECK(m.json && m.retain && m.qos == 1 && m.expiry_s == 60);
  CAF_CHECK(
      json::parse(m.payload.str()) ==
      json::parse(
          R"({"server":"sense1","host":"host1","timestamp":"2023-11-14T22:13:20.123Z","node":"node-1","epoch":4711,
      "version":"1","started":"","cpu":3.5,"memory_committed":1048576,"memory_free":524288,"sessions_active":1,
      "apps_active_docs":2,"apps_loaded_docs":0,"apps_calls":7,"cache_hits":1,"cache_lookups":3,
      "cache_hit_ratio":33,"saturated":false,"tag_a b":"1","tag_group":"PROD"})"));
}

CAF_TEST(the flat document says what the documented one says) {
  const std::string body = R"({"version":"1","started":"s","mem":{"committed":1,"allocated":2,"free":3},
      "cpu":{"total":4},"session":{"active":5,"total":6},"users":{"active":7,"total":8},
      "apps":{"active_docs":["a"],"loaded_docs":["a"],"in_memory_docs":["a"],"calls":9,"selections":10},
      "cache":{"hits":11,"lookups":12,"added":13,"replaced":14,"bytes_added":15},"saturated":true})";
  const auto nested = document(body);
  const auto out = std::get<publication>(encode_health(some_sample(body), {"", false, false, {}, true}));
  const auto flat = json::parse(out.messages.at(0).payload.str());
  size_t keys = 0;
  for (const auto& [key, value] : nested.items()) {
    if (key == "tags") continue;
    if (!value.is_object()) {
      CAF_CHECK(flat.at(key) == value);
      ++keys;
      continue;
    }
    for (const auto& [inner, x] : value.items()) {
      CAF_CHECK(flat.at(key + "_" + inner) == (x.is_array() ? json(x.size()) : x));
      ++keys;
    }
  }
  CAF_CHECK_EQUAL(flat.size(), keys + 1); // the tag
}

CAF_TEST(each message says how it is compared) {
  const auto out = std::get<publication>(
      encode_health(some_sample(R"({"version":"1","mem":{"free":1},"cpu":{"total":"x"},"users":{"total":1},
                      "apps":{"active_docs":[],"calls":1},"cache":{"hits":1,"lookups":1}})"),
                    {"", true, true, {}, true}));
  std::map<std::string, measure> kinds;
  for (const auto& m : out.messages) kinds[m.topic.str()] = m.compared;
  const std::map<std::string, measure> expected{
      {"host1/version", measure::text},          {"host1/started", measure::text},
      {"host1/mem/free", measure::memory},       {"host1/cpu/total", measure::text}, // here it is no number
      {"host1/users/total", measure::text},      {"host1/apps/calls", measure::counter},
      {"host1/cache/hits", measure::counter},    {"host1/cache/lookups", measure::counter},
      {"host1/apps/active_docs", measure::text}, {"host1/cache/hit_ratio", measure::counter},
      {"health/sense1", measure::health},        {"health/sense1/flat", measure::health}};
  CAF_CHECK(kinds == expected);
}

CAF_TEST(in the document a value of another kind has no key) {
  const auto x =
      document(R"({"mem":{"free":"x","committed":1e400},"cpu":{"total":-1e400},"users":{"active":"3"},
      "apps":{"active_docs":[null,1e400,true,"a"]},"cache":{"hits":"x","lookups":5},"saturated":"yes"})");
  CAF_CHECK(x["memory"].empty());
  CAF_CHECK(x["users"].empty());
  CAF_CHECK(!x.contains("cpu") && !x.contains("saturated"));
  CAF_CHECK(x["apps"]["active_docs"] == json::parse(R"([null,null,true,"a"])"));
  CAF_CHECK(x["cache"] == json::parse(R"({"lookups":5})"));
}

CAF_TEST(the hit ratio is computed as JavaScript does) {
  CAF_CHECK_EQUAL(ratio("2", "3"), "66");
  CAF_CHECK_EQUAL(ratio("29", "100"), "28");
  CAF_CHECK_EQUAL(ratio("-1", "3"), "-34");
  CAF_CHECK_EQUAL(ratio("\"50\"", "\"100\""), "50");
  CAF_CHECK_EQUAL(ratio("50", "true"), "5000");
  CAF_CHECK_EQUAL(ratio("1e308", "1e-308"), "Infinity");
  CAF_CHECK_EQUAL(ratio("\"x\"", "100"), "NaN");
  for (const auto* lookups : {"0", "-3", "\"x\"", "null", "false"}) CAF_CHECK_EQUAL(ratio("5", lookups), "");
}

CAF_TEST(delivery is as configured and only the document is retained) {
  const auto out =
      std::get<publication>(encode_health(some_sample("{}"), {"base/", true, true, {1, true, 30}}));
  CAF_CHECK(out.cls == item_class::health);
  CAF_CHECK_EQUAL(out.origin.str(), "sense1");
  CAF_CHECK_EQUAL(out.replaces.str(), "health/sense1");
  for (const auto& m : out.messages) {
    CAF_CHECK_EQUAL(m.qos, 1);
    CAF_CHECK_EQUAL(m.expiry_s, 30u);
    CAF_CHECK_EQUAL(m.retain, m.topic.str() == "base/health/sense1");
  }
  const auto none = encode_health(some_sample("{}"), {"base/", false, false, {}});
  CAF_CHECK_EQUAL(std::string{std::get<filtered>(none).reason}, "no_topic");
}
