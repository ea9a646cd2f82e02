// How long something takes, by size: what a Prometheus histogram is made of.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace senseflow::runtime {

/// A histogram at one moment, or what came to it between two.
struct histogram_counts {
  /// Upper ends in seconds; above the last one there is one part more.
  static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                 0.1,    0.25,  0.5,    1,     2.5,  5,     10};

  std::array<uint64_t, bounds.size() + 1> parts{}; ///< not cumulated
  double sum = 0;                                  ///< seconds

  uint64_t count() const;
  /// Seconds, by the parts: exact to the width of one. None of nothing.
  std::optional<double> quantile(double share) const;
  /// How many took longer than that, as far as it is one of the bounds.
  uint64_t above(double bound) const;

  histogram_counts since(const histogram_counts& before) const;
};

/// Thread-safe, without locks.
class histogram {
public:
  void observe(std::chrono::nanoseconds x);
  histogram_counts counts() const;

private:
  std::array<std::atomic<uint64_t>, histogram_counts::bounds.size() + 1> parts_{};
  std::atomic<uint64_t> sum_ns_{0};
};

} // namespace senseflow::runtime
