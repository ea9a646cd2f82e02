#define CAF_SUITE messages.encode.sessions

#include "test/support/unit_test.hpp"

#include "messages/encode/sessions.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace senseflow::messages;
using nlohmann::json;

namespace {

const std::string three =
    R"([{"UserDirectory":"LAB","UserId":"a"},{"UserDirectory":"LAB","UserId":"a","x":1.0},{"UserId":"b"}])";

session_sample some_sample(const std::string& body, const std::string& proxy = "/") {
  auto x = *parse_sessions(body);
  x.server = "sense1";
  x.host = "host1";
  x.virtual_proxy = proxy;
  x.timestamp = caf::timestamp{caf::timespan{1'700'000'000'123'000'000}};
  return x;
}

session_options both_layouts() {
  session_options x;
  x.base_topic = "base/";
  x.delivery = {1, true, 0};
  return x;
}

publication sent(const session_sample& sample, const session_options& options) {
  return std::get<publication>(encode_sessions(sample, options));
}

} // namespace

CAF_TEST(both layouts have their topics) {
  const auto root = sent(some_sample("[]"), both_layouts());
  CAF_REQUIRE_EQUAL(root.messages.size(), 2u);
  CAF_CHECK_EQUAL(root.messages[0].topic.str(), "base/host1/usersession/");
  CAF_CHECK_EQUAL(root.messages[1].topic.str(), "base/sessions/sense1/default");
  CAF_CHECK_EQUAL(root.replaces.str(), "sessions/sense1//");
  const auto hdr = sent(some_sample("[]", "/hdr"), both_layouts());
  CAF_CHECK_EQUAL(hdr.messages[0].topic.str(), "base/host1/usersession/hdr");
  CAF_CHECK_EQUAL(hdr.messages[1].topic.str(), "base/sessions/sense1/hdr");
  CAF_CHECK(hdr.replaces != root.replaces);
  CAF_CHECK(!hdr.messages[0].retain);
  CAF_CHECK(hdr.messages[1].retain);
}

CAF_TEST(the list is printed with two spaces) {
  const auto out = sent(some_sample(R"([{"b":1.0,"a":[]},null])"), both_layouts());
  CAF_CHECK_EQUAL(out.messages[0].payload.str(), "[\n  {\n    \"b\": 1.0,\n    \"a\": []\n  },\n  null\n]");
  const auto empty = sent(some_sample("[]"), both_layouts());
  CAF_CHECK_EQUAL(empty.messages[0].payload.str(), "[]");
}

CAF_TEST(the document counts sessions and users) {
  const auto x = json::parse(sent(some_sample(three), both_layouts()).messages[1].payload.str());
  CAF_CHECK_EQUAL(x["server"].get<std::string>(), "sense1");
  CAF_CHECK_EQUAL(x["virtualProxy"].get<std::string>(), "/");
  CAF_CHECK_EQUAL(x["timestamp"].get<std::string>(), "2023-11-14T22:13:20.123Z");
  CAF_CHECK_EQUAL(x["count"].get<int>(), 3);
  CAF_CHECK_EQUAL(x["uniqueUsers"].get<int>(), 2);
  CAF_CHECK(x["sessions"] == json::parse(three));
}

CAF_TEST(excluded users are missing in the document only) {
  auto options = both_layouts();
  options.exclude.add("LAB", "a");
  const auto out = sent(some_sample(three), options);
  CAF_CHECK(json::parse(out.messages[0].payload.str()) == json::parse(three));
  const auto x = json::parse(out.messages[1].payload.str());
  CAF_CHECK_EQUAL(x["count"].get<int>(), 1);
  CAF_CHECK_EQUAL(x["uniqueUsers"].get<int>(), 1);
  CAF_CHECK_EQUAL(x["sessions"].size(), 1u);
}

CAF_TEST(without a layout nothing is published) {
  session_options options;
  options.butler_sos = options.documented = false;
  CAF_CHECK_EQUAL(std::string{std::get<filtered>(encode_sessions(some_sample("[]"), options)).reason},
                  "no_topic");
}
