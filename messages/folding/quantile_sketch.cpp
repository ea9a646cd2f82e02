#include "messages/folding/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>

namespace senseflow::messages {

namespace {

constexpr double error = quantile_sketch::relative_error;
constexpr double factor = (1 + error) / (1 - error);

/// That of the values above factor^(index - 1) and up to factor^index.
int index_of(double x) {
  static const double scale = 1 / std::log(factor);
  return static_cast<int>(std::ceil(std::log(std::min(x, quantile_sketch::most)) * scale));
}

/// In the middle, as far from one end as from the other in proportion.
double value_of(int index) { return 2 * std::pow(factor, index) / (factor + 1); }

} // namespace

uint32_t& quantile_sketch::bucket(int index) {
  if (counts_.empty()) first_ = index;
  if (index < first_) {
    counts_.insert(counts_.begin(), static_cast<size_t>(first_ - index), 0);
    first_ = index;
  }
  const auto at = static_cast<size_t>(index - first_);
  if (at >= counts_.size()) counts_.resize(at + 1);
  return counts_[at];
}

void quantile_sketch::add(double x) {
  if (x < least)
    ++small_;
  else
    ++bucket(index_of(x));
  ++count_;
  sum_ += x;
  max_ = std::max(max_, x);
}

void quantile_sketch::merge(const quantile_sketch& x) {
  for (size_t i = 0; i < x.counts_.size(); ++i)
    if (x.counts_[i] > 0) bucket(x.first_ + static_cast<int>(i)) += x.counts_[i];
  small_ += x.small_;
  count_ += x.count_;
  sum_ += x.sum_;
  max_ = std::max(max_, x.max_);
}

double quantile_sketch::quantile(double share) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<uint64_t>(share * static_cast<double>(count_ - 1));
  auto below = small_;
  if (rank < below) return 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (rank < below) return std::min(value_of(first_ + static_cast<int>(i)), max_);
  }
  return max_;
}

} // namespace senseflow::messages
