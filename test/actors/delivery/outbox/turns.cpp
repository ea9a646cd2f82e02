#define CAF_SUITE actors.delivery.outbox.turns
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/turns.hpp"

#include <vector>

using namespace senseflow;

CAF_TEST(state goes before events and then the oldest) {
  actors::outbox_turns aut;
  aut.offer({true, 1, 3});
  aut.offer({false, 9, 1});
  aut.offer({true, 5, 0});
  aut.offer({false, 4, 2});
  std::vector<uint64_t> ids;
  while (!aut.empty()) ids.push_back(aut.take_first().id);
  CAF_CHECK_EQUAL(ids, (std::vector<uint64_t>{4, 9, 1, 5}));
}

CAF_TEST(every lane may offer and a lane that had its turn may offer again) {
  actors::outbox_turns aut;
  for (uint32_t n = 0; n < actors::outbox_lane_count; ++n) aut.offer({true, 100 + n, n});
  CAF_CHECK_EQUAL(aut.take_first().lane, 0u);
  aut.offer({true, 1000, 0});
  CAF_CHECK_EQUAL(aut.take_first().lane, 1u);
  for (uint32_t n = 2; n < actors::outbox_lane_count; ++n) CAF_CHECK_EQUAL(aut.take_first().lane, n);
  CAF_CHECK_EQUAL(aut.take_first().lane, 0u);
  CAF_CHECK(aut.empty());
}
