#define CAF_SUITE actors.delivery.outbox.accepted_batches
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/accepted_batches.hpp"

using senseflow::actors::accepted_batches;
using verdict = accepted_batches::verdict;

CAF_TEST(batches of a source are taken once and in order) {
  accepted_batches aut;
  CAF_CHECK(aut.judge({1, 2}) == verdict::too_early);
  CAF_CHECK(aut.judge({1, 1}) == verdict::take);
  CAF_CHECK(aut.judge({1, 1}) == verdict::repeated);
  CAF_CHECK(aut.judge({1, 3}) == verdict::too_early);
  CAF_CHECK(aut.judge({1, 2}) == verdict::take);
  CAF_CHECK(aut.judge({1, 3}) == verdict::take);
  for (uint64_t n = 1; n <= 3; ++n) CAF_CHECK(aut.judge({1, n}) == verdict::repeated);
}

CAF_TEST(sources do not know of each other) {
  accepted_batches aut;
  CAF_CHECK(aut.judge({1, 1}) == verdict::take);
  CAF_CHECK(aut.judge({2, 2}) == verdict::too_early);
  CAF_CHECK(aut.judge({2, 1}) == verdict::take);
}
