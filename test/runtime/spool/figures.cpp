#define CAF_SUITE runtime.spool.figures
#include "test/runtime/spool/spool_fixture.hpp"

#include "test/support/eventually.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(spool_figures_tests, spool_fixture)

CAF_TEST(how full it is and how old its oldest entry can be seen without asking) {
  auto aut = open();
  const auto figures = aut->figures();
  CAF_CHECK_EQUAL(figures->load()->bytes, 0u);
  CAF_CHECK_EQUAL(figures->load()->oldest_ms, 0);
  CAF_CHECK(figures->load()->free_bytes > 0);
  commit(*aut, {entry(7), entry(8, 1)});
  // Not with each of many commits.
  CAF_CHECK(eventually([&] {
    commit(*aut, {}, {7});
    return figures->load()->bytes > 0;
  }));
  CAF_CHECK_EQUAL(figures->load()->oldest_ms, 1008);
  commit(*aut, {}, {8});
  CAF_CHECK_EQUAL(figures->load()->bytes, 0u); // this is told at once
  CAF_CHECK_EQUAL(figures->load()->oldest_ms, 0);
  aut.reset();
  CAF_CHECK_EQUAL(figures->load()->bytes, 0u); // it outlives the spool
}

CAF_TEST(what an earlier process left is seen from the start) {
  {
    auto aut = open();
    commit(*aut, {entry(7)});
  }
  const auto aut = open();
  CAF_CHECK(aut->figures()->load()->bytes > 0);
  CAF_CHECK_EQUAL(aut->figures()->load()->oldest_ms, 1007);
}

CAF_TEST_FIXTURE_SCOPE_END()
