#define CAF_SUITE messages.publication

#include "test/support/unit_test.hpp"

#include "messages/publication.hpp"

#include <string>

using namespace senseflow::messages;

CAF_TEST(a payload that messages share is counted once) {
  const shared_text payload = std::string(10000, 'x');
  publication one;
  one.messages = {{"topic", payload}};
  auto two = one;
  two.messages.push_back({"other", payload});
  CAF_CHECK(footprint(one) > 10000u);
  CAF_CHECK(footprint(two) < 11000u);
  two.messages.push_back({"third", std::string(10000, 'x')});
  CAF_CHECK(footprint(two) > 20000u);
}

CAF_TEST(an origin always takes the same lane) {
  CAF_CHECK_EQUAL(lane_of("host", 1), 0u);
  CAF_CHECK_EQUAL(lane_of("host", 0), 0u);
  bool spread = false;
  for (int i = 0; i < 100; ++i) {
    const auto origin = "host" + std::to_string(i);
    CAF_CHECK(lane_of(origin, 4) < 4u);
    CAF_CHECK_EQUAL(lane_of(origin, 4), lane_of(origin, 4));
    spread = spread || lane_of(origin, 4) != lane_of("host0", 4);
  }
  CAF_CHECK(spread);
}

CAF_TEST(classes have their names) {
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::health)}, "health");
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::log_event)}, "logevent");
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::availability)}, "availability");
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::server_event)}, "serverevent");
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::insight)}, "insight");
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::insight_event)}, "insightevent");
  CAF_CHECK_EQUAL(std::string{to_string_view(item_class::node)}, "node");
  CAF_CHECK(is_state(item_class::sessions));
  CAF_CHECK(is_state(item_class::availability));
  CAF_CHECK(is_state(item_class::node));
  CAF_CHECK(!is_state(item_class::server_event));
  CAF_CHECK(is_state(item_class::insight));
  CAF_CHECK(!is_state(item_class::insight_event));
  CAF_CHECK(!is_state(item_class::user_event));
}
