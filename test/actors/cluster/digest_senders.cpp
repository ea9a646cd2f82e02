#define CAF_SUITE actors.cluster.digest_senders
#include "test/support/unit_test.hpp"

#include "actors/cluster/digest_senders.hpp"

using namespace senseflow::actors;
using namespace std::chrono_literals;
using verdict = digest_senders::verdict;

CAF_TEST(digests count once and gaps and new incarnations are told) {
  digest_senders aut;
  digest_senders::time_point now{1h};
  CAF_CHECK(aut.note("a", 1, 5, now) == verdict::missed_some);
  CAF_CHECK(aut.note("a", 1, 6, now) == verdict::next);
  CAF_CHECK(aut.note("a", 1, 6, now) == verdict::repeated);
  CAF_CHECK(aut.note("a", 1, 5, now) == verdict::repeated);
  CAF_CHECK(aut.note("b", 1, 1, now) == verdict::missed_some);
  CAF_CHECK(aut.note("a", 1, 8, now) == verdict::missed_some);
  CAF_CHECK(aut.note("a", 2, 1, now) == verdict::missed_some);
  CAF_CHECK(aut.note("a", 2, 2, now + 1s) == verdict::next);
  CAF_CHECK(*aut.heard("a") == now + 1s);
  CAF_CHECK(!aut.heard("c"));
}

CAF_TEST(whoever has been silent for longest is forgotten) {
  digest_senders aut;
  digest_senders::time_point now{1h};
  aut.note("stays", 1, 1, now + 1h);
  for (size_t i = 0; i < 2 * digest_senders::most; ++i) aut.note(std::to_string(i), 1, 1, now += 1ms);
  CAF_CHECK(!aut.heard("0"));
  CAF_CHECK(aut.heard("stays"));
  CAF_CHECK(aut.heard(std::to_string(2 * digest_senders::most - 1)));
}
