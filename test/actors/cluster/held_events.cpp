#define CAF_SUITE actors.cluster.held_events
#include "test/support/unit_test.hpp"

#include "actors/cluster/held_events.hpp"

using namespace senseflow;
using actors::held_event;
using actors::held_events;

namespace {

held_event copy_of(const std::string& text, size_t bytes = 10) {
  messages::user_event x;
  x.message = text;
  return {x, bytes};
}
std::string text_of(const held_event& x) { return std::get<messages::user_event>(x.event).message; }

} // namespace

CAF_TEST(what is held can be found and taken once) {
  held_events aut{100};
  aut.put({1, 1}, copy_of("x"));
  CAF_CHECK(aut.find({1, 2}) == nullptr);
  CAF_REQUIRE(aut.find({1, 1}) != nullptr);
  CAF_CHECK_EQUAL(text_of(*aut.take({1, 1})), "x");
  CAF_CHECK(!aut.take({1, 1}));
  CAF_CHECK_EQUAL(aut.size() + aut.bytes(), 0u);
}

CAF_TEST(it knows how many it holds of an origin) {
  held_events aut{100};
  auto x = copy_of("x"), y = copy_of("y");
  std::get<messages::user_event>(x.event).host = "a";
  std::get<messages::user_event>(y.event).host = "b";
  aut.put({1, 1}, x);
  aut.put({2, 1}, x);
  aut.put({3, 1}, y);
  CAF_CHECK_EQUAL(aut.of("a"), 2u);
  aut.take({1, 1});
  aut.take_if([](const auto&) { return true; }, [](auto&&) {});
  CAF_CHECK_EQUAL(aut.of("a") + aut.of("b"), 0u);
}

CAF_TEST(there is room up to the limit and for one of each id) {
  held_events aut{25};
  CAF_CHECK(aut.takes({1, 1}, 25));
  CAF_CHECK(!aut.takes({1, 1}, 26));
  aut.put({1, 1}, copy_of("x"));
  CAF_CHECK(!aut.takes({1, 1}, 1));
  CAF_CHECK(aut.takes({1, 2}, 15));
  CAF_CHECK(!aut.takes({1, 2}, 16));
}

CAF_TEST(promises of a node can be forgotten) {
  held_events aut{1000};
  for (uint32_t i = 1; i <= 4; ++i) {
    aut.put({i, 1}, copy_of("x"));
    aut.find({i, 1})->accepted_by = i % 2 == 0 ? "a" : "b";
  }
  aut.forget_promises("a");
  CAF_CHECK(aut.find({2, 1})->accepted_by.empty() && aut.find({4, 1})->accepted_by.empty());
  CAF_CHECK_EQUAL(aut.find({1, 1})->accepted_by, "b");
}

CAF_TEST(what a condition holds for is given away in the order in which it came) {
  held_events aut{1000};
  for (uint32_t i = 9; i > 0; --i) aut.put({i, 1}, copy_of(std::to_string(i)));
  std::string all;
  aut.take_if([](const held_event& x) { return text_of(x) != "5"; },
              [&](held_event&& x) { all += text_of(x); });
  CAF_CHECK_EQUAL(all, "98764321");
  CAF_CHECK_EQUAL(aut.size(), 1u);
  CAF_CHECK_EQUAL(aut.bytes(), 10u);
}
