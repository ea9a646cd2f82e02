#include "runtime/accounting/histogram.hpp"

#include <algorithm>
#include <numeric>

namespace senseflow::runtime {

uint64_t histogram_counts::count() const { return std::accumulate(parts.begin(), parts.end(), uint64_t{0}); }

std::optional<double> histogram_counts::quantile(double share) const {
  const auto all = count();
  if (all == 0) return std::nullopt;
  const auto rank = share * static_cast<double>(all);
  double before = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(parts[i]);
    if (here > 0 && before + here >= rank) {
      const auto low = i == 0 ? 0.0 : bounds[i - 1];
      return low + (bounds[i] - low) * std::max(rank - before, 0.0) / here;
    }
    before += here;
  }
  return bounds.back(); // or more
}

uint64_t histogram_counts::above(double bound) const {
  const auto first =
      static_cast<size_t>(std::upper_bound(bounds.begin(), bounds.end(), bound) - bounds.begin());
  return std::accumulate(parts.begin() + static_cast<std::ptrdiff_t>(first), parts.end(), uint64_t{0});
}

histogram_counts histogram_counts::since(const histogram_counts& before) const {
  auto result = *this;
  for (size_t i = 0; i < parts.size(); ++i) result.parts[i] -= std::min(before.parts[i], parts[i]);
  result.sum = std::max(sum - before.sum, 0.0);
  return result;
}

void histogram::observe(std::chrono::nanoseconds x) {
  const auto ns = std::max<int64_t>(x.count(), 0);
  const auto seconds = static_cast<double>(ns) / 1e9;
  const auto& bounds = histogram_counts::bounds;
  const auto part =
      static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin());
  parts_[part].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(static_cast<uint64_t>(ns), std::memory_order_relaxed);
}

histogram_counts histogram::counts() const {
  histogram_counts result;
  for (size_t i = 0; i < parts_.size(); ++i) result.parts[i] = parts_[i].load(std::memory_order_relaxed);
  result.sum = static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) / 1e9;
  return result;
}

} // namespace senseflow::runtime
