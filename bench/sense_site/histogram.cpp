#include "bench/sense_site/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace senseflow::bench {

namespace {

// Values below 32 have a bucket each; every doubling above has 32 buckets.
constexpr uint64_t parts = 32;
constexpr unsigned parts_bits = 5;
constexpr uint64_t largest = (uint64_t{1} << 40) - 1;

size_t bucket_of(uint64_t value) {
  unsigned shift = 0;
  while (value >> shift >= 2 * parts) ++shift;
  return static_cast<size_t>((uint64_t{shift} << parts_bits) + (value >> shift));
}

uint64_t upper_end(size_t bucket) {
  if (bucket < 2 * parts) return bucket;
  const uint64_t shift = (bucket >> parts_bits) - 1;
  return ((bucket - (shift << parts_bits) + 1) << shift) - 1;
}

} // namespace

void histogram::add(duration value) {
  const auto number = std::min(static_cast<uint64_t>(std::max<int64_t>(value.count(), 0)), largest);
  const size_t bucket = bucket_of(number);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, duration{static_cast<int64_t>(number)});
}

void histogram::add(const histogram& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

histogram::duration histogram::quantile(double part) const {
  const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(part * double(count_))));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(duration{static_cast<int64_t>(upper_end(i))}, max_);
  }
  return max_;
}

} // namespace senseflow::bench
