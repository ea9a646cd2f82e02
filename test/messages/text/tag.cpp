#define CAF_SUITE messages.text.tag

#include "test/support/unit_test.hpp"

#include "messages/rules/user_set.hpp"
#include "messages/text/tag.hpp"

using namespace senseflow::messages;

CAF_TEST(tags become one object) {
  CAF_CHECK_EQUAL(to_json({}), "{}");
  CAF_CHECK_EQUAL(to_json({{"a", "1"}, {"", ""}, {"__proto__", "\"x\"\n"}}),
                  R"({"a":"1","":"","__proto__":"\"x\"\n"})");
}

CAF_TEST(a name that comes twice keeps its place and its last value) {
  CAF_CHECK_EQUAL(to_json({{"a", "1"}, {"b", "2"}, {"a", "3"}}), R"({"a":"3","b":"2"})");
}

CAF_TEST(users are the same if both parts are) {
  user_set users;
  CAF_CHECK(users.empty());
  CAF_CHECK(!users.contains("", ""));
  users.add("LAB", "me");
  CAF_CHECK(users.contains("LAB", "me"));
  CAF_CHECK(!users.contains("lab", "me"));
  CAF_CHECK(!users.contains("LAB", ""));
  CAF_CHECK(!users.contains("LA", "Bme"));
}
