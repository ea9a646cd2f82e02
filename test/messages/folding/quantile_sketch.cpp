#define CAF_SUITE messages.folding.quantile_sketch
#include "test/support/unit_test.hpp"

#include "messages/folding/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace senseflow::messages;

namespace {

constexpr double slack = 1e-9; // of floating point

double exact(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// The greatest relative error over many quantiles.
double worst(const quantile_sketch& sketch, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double result = 0;
  for (int i = 0; i <= 1000; ++i) {
    const auto is = sketch.quantile(i / 1000.0), should = exact(values, i / 1000.0);
    result = std::max(result, std::abs(is - should) / should);
  }
  return result;
}

} // namespace

CAF_TEST(nothing has no quantiles) {
  const quantile_sketch x;
  CAF_CHECK_EQUAL(x.count(), 0u);
  CAF_CHECK_EQUAL(x.quantile(0.5), 0.0);
  CAF_CHECK_EQUAL(x.mean(), 0.0);
  CAF_CHECK_EQUAL(x.max(), 0.0);
}

CAF_TEST(one value is all of its quantiles) {
  quantile_sketch x;
  x.add(42);
  for (double share : {0.0, 0.5, 1.0}) CAF_CHECK(std::abs(x.quantile(share) - 42) <= 0.42 + slack);
  CAF_CHECK_EQUAL(x.mean(), 42.0);
  CAF_CHECK_EQUAL(x.max(), 42.0);
}

CAF_TEST(quantiles of any distribution are within the error) {
  std::mt19937_64 random{1};
  std::lognormal_distribution<double> lognormal{2, 2};
  std::uniform_real_distribution<double> uniform{0.01, 1000}, exponent{-2.9, 8.9};
  std::exponential_distribution<double> exponential{0.1};
  const std::vector<std::pair<const char*, std::function<double()>>> all{
      {"lognormal", [&] { return 0.01 + lognormal(random); }},
      {"uniform", [&] { return uniform(random); }},
      {"over all magnitudes", [&] { return std::pow(10, exponent(random)); }},
      {"exponential", [&] { return 0.01 + exponential(random); }},
      {"two values", [&] { return random() % 10 == 0 ? 5000.0 : 3.0; }}};
  for (const auto& [name, draw] : all) {
    CAF_MESSAGE(name);
    quantile_sketch x;
    std::vector<double> values;
    double sum = 0;
    for (int i = 0; i < 20'000; ++i) {
      values.push_back(draw());
      x.add(values.back());
      sum += values.back();
    }
    CAF_CHECK(worst(x, values) <= quantile_sketch::relative_error + slack);
    CAF_CHECK_EQUAL(x.count(), values.size());
    CAF_CHECK(std::abs(x.mean() - sum / 20'000) <= 1e-9 * sum);
    CAF_CHECK_EQUAL(x.max(), *std::max_element(values.begin(), values.end()));
  }
}

CAF_TEST(parts add up to the whole) {
  std::mt19937_64 random{2};
  std::lognormal_distribution<double> draw{1, 3};
  quantile_sketch whole;
  std::vector<quantile_sketch> parts(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto x = draw(random);
    whole.add(x);
    parts[random() % 6].add(x); // one stays empty
  }
  quantile_sketch sum;
  for (const auto& x : parts) sum.merge(x);
  CAF_CHECK_EQUAL(sum.count(), whole.count());
  CAF_CHECK_EQUAL(sum.max(), whole.max());
  for (int i = 0; i <= 100; ++i) CAF_REQUIRE_EQUAL(sum.quantile(i / 100.0), whole.quantile(i / 100.0));
}

CAF_TEST(beyond its ends values count as its ends) {
  quantile_sketch x;
  x.add(0);
  x.add(0.0005);
  x.add(1e15);
  CAF_CHECK_EQUAL(x.quantile(0), 0.0);
  CAF_CHECK_EQUAL(x.quantile(0.5), 0.0);
  CAF_CHECK(x.quantile(1) >= 0.98e9 && x.quantile(1) <= 1.03e9);
  CAF_CHECK_EQUAL(x.max(), 1e15);
}
