#define CAF_SUITE messages.items.app_names

#include "test/support/unit_test.hpp"

#include "messages/items/app_names.hpp"

#include <string>

using namespace senseflow::messages;

CAF_TEST(names are found by id) {
  auto names =
      parse_app_list(R"([{"name":"One","id":"aa","x":[{"id":"zz","name":"inner"}]},{"id":"aa","name":"Two"},
      {"id":"bb"},{"id":5,"name":"five"},{"id":"cc","name":""},7,[],{"id":"DD","name":"Upper"}])");
  CAF_REQUIRE(names);
  CAF_CHECK_EQUAL(names->size(), 3u);
  CAF_REQUIRE(names->find("aa"));
  CAF_CHECK_EQUAL(*names->find("aa"), "One");
  CAF_CHECK_EQUAL(*names->find("AA"), "One");
  CAF_CHECK_EQUAL(*names->find("cc"), "");
  CAF_CHECK(!names->find("bb"));
  CAF_CHECK(!names->find("zz"));
  CAF_CHECK(!names->find_exact("AA"));
  CAF_CHECK_EQUAL(*names->find_exact("DD"), "Upper");
}

CAF_TEST(bodies that are no array are rejected) {
  CAF_CHECK_EQUAL(std::string{parse_app_list("{\"id\":\"a\",\"name\":\"b\"}").reason}, "not_an_array");
  for (const auto* x : {"", "[", "[{]", "[{\"id\":\"a\"", "[] x", "nope"})
    CAF_CHECK_EQUAL(std::string{parse_app_list(x).reason}, "invalid_json");
}
