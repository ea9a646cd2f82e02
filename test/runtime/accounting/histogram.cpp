#define CAF_SUITE runtime.accounting.histogram
#include "test/support/unit_test.hpp"

#include "runtime/accounting/histogram.hpp"

using namespace senseflow::runtime;
using namespace std::chrono_literals;

CAF_TEST(each value is counted once in the part it belongs to) {
  histogram aut;
  aut.observe(500us); // a bound belongs to what is below it
  aut.observe(501us);
  aut.observe(-1s);
  aut.observe(1h);
  const auto x = aut.counts();
  CAF_CHECK_EQUAL(x.count(), 4u);
  CAF_CHECK_EQUAL(x.parts.front(), 2u);
  CAF_CHECK_EQUAL(x.parts[1], 1u);
  CAF_CHECK_EQUAL(x.parts.back(), 1u);
  CAF_CHECK(x.sum > 3600.0 && x.sum < 3600.1);
}

CAF_TEST(quantiles lie within the part that holds them) {
  histogram aut;
  CAF_CHECK(!aut.counts().quantile(0.5));
  for (int i = 0; i < 99; ++i) aut.observe(3ms);
  aut.observe(700ms);
  const auto x = aut.counts();
  CAF_CHECK(*x.quantile(0.5) > 0.0025 && *x.quantile(0.5) <= 0.005);
  CAF_CHECK(*x.quantile(0.99) <= 0.005);
  CAF_CHECK(*x.quantile(1) > 0.5 && *x.quantile(1) <= 1);
  CAF_CHECK_EQUAL(x.above(0.5), 1u);
  CAF_CHECK_EQUAL(x.above(1), 0u);
}

CAF_TEST(what came between two moments is their difference) {
  histogram aut;
  aut.observe(3ms);
  const auto before = aut.counts();
  aut.observe(2s);
  const auto x = aut.counts().since(before);
  CAF_CHECK_EQUAL(x.count(), 1u);
  CAF_CHECK(x.sum > 1.99 && x.sum < 2.01);
}
