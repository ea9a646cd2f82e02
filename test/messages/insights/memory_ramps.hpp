// Polls of an engine's memory: growths to the limit as they are seen, and quiet life.
#pragma once

#include "messages/insights/memory_trend.hpp"
#include "test/support/dice.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace senseflow::test {

inline constexpr double memory_limit = 65536; ///< MB

/// One poll after the other; the last one is the first at the limit.
struct memory_ramp {
  std::string name;
  std::vector<double> polls; ///< part of the limit
};

inline memory_ramp ramp_of(std::string name, size_t quiet, double from, uint64_t seed,
                           const std::function<double(size_t poll, dice&)>& growth) {
  dice random{seed};
  memory_ramp result{std::move(name), {}};
  const auto noise = [&] { return (static_cast<double>(random.below(2001)) - 1000) / 1e6; };
  for (size_t i = 0; i < quiet; ++i) result.polls.push_back(from + noise());
  for (size_t i = 1; result.polls.back() < 1; ++i)
    result.polls.push_back(std::min(result.polls.back() + growth(i, random), 1.0));
  return result;
}

/// Growths from a part of the limit to all of it, in 6 to some hundred polls.
inline std::vector<memory_ramp> memory_ramps() {
  std::vector<memory_ramp> result;
  for (const double a_poll : {0.09, 0.06, 0.03, 0.01, 0.004, 0.002})
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      const auto name = std::to_string(a_poll) + " a poll, seed " + std::to_string(seed);
      result.push_back(ramp_of("steady " + name, 40, 0.4, seed, [=](size_t, dice&) { return a_poll; }));
      result.push_back(ramp_of("rough " + name, 40, 0.4, seed, [=](size_t, dice& d) {
        return a_poll * (0.4 + static_cast<double>(d.below(1200)) / 1000);
      }));
    }
  result.push_back(
      ramp_of("ever faster", 40, 0.3, 1, [](size_t i, dice&) { return 0.001 * std::pow(1.12, i); }));
  result.push_back(
      ramp_of("ever slower", 40, 0.3, 1, [](size_t i, dice&) { return 0.08 * std::pow(0.95, i) + 0.004; }));
  result.push_back(ramp_of("from the start", 1, 0.2, 1, [](size_t, dice&) { return 0.05; }));
  return result;
}

/// Caches fill and are emptied, apps come and go, all wanders a little: a week of polls every 30 s.
class quiet_engine {
public:
  explicit quiet_engine(uint64_t seed)
      : dice_(seed), top_(0.55 + 0.01 * static_cast<double>(dice_.below(32))),
        a_poll_(0.0005 * static_cast<double>(1 + dice_.below(20))) {}

  /// Part of the limit, which stays below 0.9.
  double next() {
    cache_ += a_poll_ * (0.5 + static_cast<double>(dice_.below(1000)) / 1000);
    if (dice_.one_in(400)) apps_ = 0.02 * static_cast<double>(dice_.below(6)); // in one step
    wander_ += (static_cast<double>(dice_.below(2001)) - 1000) / 1e6 - wander_ / 50;
    if (base_ + cache_ + apps_ + wander_ > top_) cache_ *= 0.2 + static_cast<double>(dice_.below(600)) / 1000;
    return std::min(base_ + cache_ + apps_ + wander_, 0.9);
  }

private:
  dice dice_;
  const double top_, a_poll_; ///< where caches are emptied; how fast they fill
  const double base_ = 0.3;
  double cache_ = 0, apps_ = 0, wander_ = 0;
};

} // namespace senseflow::test
