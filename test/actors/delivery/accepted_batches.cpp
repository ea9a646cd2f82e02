#define CAF_SUITE actors.delivery.accepted_batches
#include <caf/test/unit_test.hpp>

#include "actors/delivery/accepted_batches.hpp"

using namespace senseflow;

CAF_TEST(a batch is taken once in whatever order batches come) {
  actors::accepted_batches aut;
  CAF_CHECK(aut.first_time({1, 2}, 0));
  CAF_CHECK(aut.first_time({1, 1}, 0));
  CAF_CHECK(!aut.first_time({1, 1}, 0));
  CAF_CHECK(!aut.first_time({1, 2}, 0));
}

CAF_TEST(each source counts for itself) {
  actors::accepted_batches aut;
  CAF_CHECK(aut.first_time({1, 1}, 0));
  CAF_CHECK(aut.first_time({2, 1}, 0));
  CAF_CHECK(!aut.first_time({2, 1}, 0));
}

CAF_TEST(what the source has settled is not taken again) {
  actors::accepted_batches aut;
  CAF_CHECK(aut.first_time({1, 1}, 0));
  CAF_CHECK(aut.first_time({1, 5}, 5));
  CAF_CHECK(!aut.first_time({1, 1}, 0));
  CAF_CHECK(!aut.first_time({1, 4}, 0)); // settled, so it was taken
  CAF_CHECK(aut.first_time({1, 6}, 2));
  CAF_CHECK(!aut.first_time({1, 4}, 2));
}
