// Quantiles of many values in little memory, with a known error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace senseflow::messages {

/// DDSketch (Masson, Rim, Lee, VLDB 2019): values are counted in buckets whose ends grow by a constant
/// factor. A quantile is within `relative_error` of the value of that rank, for values from `least` to
/// `most`; smaller ones count as 0, larger ones as `most`. Two sketches add up to that of all their values.
/// Our own, since no library of Debian 12 has both an error bound and a merge. It takes at most 1,400
/// buckets of 4 bytes.
class quantile_sketch {
public:
  static constexpr double relative_error = 0.01;
  static constexpr double least = 1e-3, most = 1e9;

  /// Finite, not negative.
  void add(double x);
  void merge(const quantile_sketch& x);

  uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  double max() const { return max_; }

  /// The value of rank `share * (count - 1)`, rounded down; 0 of nothing.
  double quantile(double share) const;

private:
  uint32_t& bucket(int index);

  std::vector<uint32_t> counts_; ///< of the buckets from `first_` on
  int first_ = 0;
  uint64_t small_ = 0; ///< values below `least`
  uint64_t count_ = 0;
  double sum_ = 0;
  double max_ = 0;
};

} // namespace senseflow::messages
