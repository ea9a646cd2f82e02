// Counts of durations in buckets at most 3.2 % wide: quantiles in bounded memory (under 10 KB), however many
// are added. Debian has no such library for C++, and prometheus-cpp's quantiles can't be added up.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace senseflow::bench {

class histogram {
public:
  using duration = std::chrono::microseconds; ///< negative ones count as 0, those over 12 days as 12 days

  void add(duration value);
  void add(const histogram& other);

  uint64_t count() const { return count_; }
  duration max() const { return max_; } ///< exact; 0 if empty

  /// The smallest bucket's upper end that `part` (0 to 1) of the values don't exceed; 0 if empty.
  duration quantile(double part) const;

private:
  std::vector<uint64_t> buckets_; ///< as long as needed for the largest value
  uint64_t count_ = 0;
  duration max_{0};
};

} // namespace senseflow::bench
