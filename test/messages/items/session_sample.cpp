#define CAF_SUITE messages.items.session_sample

#include "test/support/unit_test.hpp"

#include "messages/items/session_sample.hpp"

#include <string>

using namespace senseflow::messages;

CAF_TEST(sessions keep their keys in order and their numbers as they came) {
  auto sample =
      parse_sessions(R"( [ {"z":1.0,"UserDirectory":"LAB","a":[1E40,{"UserId":"inner"}],"UserId":"me"} ,
      123456789012345678901234567890, null, "x"] )");
  CAF_REQUIRE(sample);
  CAF_REQUIRE_EQUAL(sample->sessions.size(), 4u);
  const auto& first = sample->sessions[0];
  CAF_CHECK_EQUAL(first.user_directory, "LAB");
  CAF_CHECK_EQUAL(first.user_id, "me");
  CAF_CHECK_EQUAL(first.json,
                  R"({"z":1.0,"UserDirectory":"LAB","a":[1E40,{"UserId":"inner"}],"UserId":"me"})");
  CAF_CHECK_EQUAL(sample->sessions[1].json, "123456789012345678901234567890");
  CAF_CHECK_EQUAL(sample->sessions[2].json, "null");
  CAF_CHECK_EQUAL(sample->sessions[3].json, "\"x\"");
}

CAF_TEST(numbers that no double can hold are null) {
  auto sample = parse_sessions("[1E400, {\"a\":[-1e999]}, 1e-400, 1" + std::string(400, '0') + "]");
  CAF_REQUIRE(sample);
  CAF_REQUIRE_EQUAL(sample->sessions.size(), 4u);
  CAF_CHECK_EQUAL(sample->sessions[0].json, "null");
  CAF_CHECK_EQUAL(sample->sessions[1].json, "{\"a\":[null]}");
  CAF_CHECK_EQUAL(sample->sessions[2].json, "1e-400");
  CAF_CHECK_EQUAL(sample->sessions[3].json, "null");
}

CAF_TEST(a user name that is no text is empty) {
  auto sample = parse_sessions(R"([{"UserDirectory":null,"UserId":5}])");
  CAF_REQUIRE(sample);
  CAF_CHECK_EQUAL(sample->sessions[0].user_directory, "");
  CAF_CHECK_EQUAL(sample->sessions[0].user_id, "");
}

CAF_TEST(the id of a session is that of its top level) {
  auto sample = parse_sessions(R"([{"a":{"SessionId":"inner"},"SessionId":"s1"},{"SessionId":7},{}])");
  CAF_REQUIRE(sample);
  CAF_CHECK_EQUAL(sample->sessions[0].session_id, "s1");
  CAF_CHECK_EQUAL(sample->sessions[1].session_id, "");
  CAF_CHECK_EQUAL(sample->sessions[2].session_id, "");
}

CAF_TEST(bodies that are no array are rejected) {
  for (const auto* x : {"{}", "true", "5", "1e3", "\"x\"", "null"})
    CAF_CHECK_EQUAL(std::string{parse_sessions(x).reason}, "not_an_array");
  for (const auto* x : {"", " ", "<html>", "[1,2", "[NaN]", "[{\"a\":1}] trailing", "[{\"x\":\"\\ud800\"}]",
                        "{", "[1,]", "[{]"})
    CAF_CHECK_EQUAL(std::string{parse_sessions(x).reason}, "invalid_json");
  CAF_CHECK_EQUAL(std::string{parse_sessions(std::string(100000, '[')).reason}, "invalid_json");
}
