#define CAF_SUITE actors.delivery.outbox.remembered_values
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/remembered_values.hpp"

using namespace senseflow;

namespace {

messages::mqtt_message message(const std::string& topic, size_t bytes) {
  return {topic, std::string(bytes, 'x'), 1, true};
}

} // namespace

CAF_TEST(of each topic there is the newest value) {
  actors::remembered_values aut{10'000};
  CAF_CHECK_EQUAL(aut.put(message("a", 10), 1), 0u);
  CAF_CHECK_EQUAL(aut.put(message("b", 20), 2), 0u);
  CAF_CHECK_EQUAL(aut.put(message("a", 30), 3), 0u);
  CAF_REQUIRE(aut.find("a") != nullptr);
  CAF_CHECK_EQUAL(aut.find("a")->message.payload.size(), 30u);
  CAF_CHECK_EQUAL(aut.find("a")->accepted_ms, 3);
  CAF_CHECK(aut.find("c") == nullptr);
  for (auto topic : {"a", "b", "c"}) aut.erase(topic);
  CAF_CHECK(aut.find("a") == nullptr);
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST(where there is no room the largest are left out) {
  actors::remembered_values aut{10'000};
  CAF_CHECK_EQUAL(aut.put(message("list", 5'000), 1), 0u);
  CAF_CHECK_EQUAL(aut.put(message("longer list", 6'000), 1), 1u); // itself
  CAF_CHECK(aut.find("longer list") == nullptr);
  for (int i = 0; i < 10; ++i) aut.put(message("status " + std::to_string(i), 300), 1);
  CAF_CHECK(aut.find("list") == nullptr);
  for (int i = 0; i < 10; ++i) CAF_CHECK(aut.find("status " + std::to_string(i)) != nullptr);
  CAF_CHECK(aut.bytes() <= 10'000);
}

CAF_TEST(a value that is left out takes its former one with it) {
  actors::remembered_values aut{10'000};
  aut.put(message("list", 100), 1);
  CAF_CHECK_EQUAL(aut.put(message("list", 20'000), 2), 1u);
  CAF_CHECK(aut.find("list") == nullptr);
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}
