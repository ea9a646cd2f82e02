#include "messages/insights/usual_gaps.hpp"

#include <algorithm>
#include <cmath>

namespace senseflow::messages::insights {

namespace {

using seconds = std::chrono::duration<double>;

constexpr double ratio = 1.25, usual_share = 0.98, most_of_an_unusual_one = 0.015;
constexpr auto half_life = seconds{7.0 * 24 * 3600};

} // namespace

void usual_gaps::add(duration gap, bool unusual, time_point now) {
  const auto length = seconds{gap}.count();
  if (length <= 0) return;
  if (count_ > 0) {
    const auto left = std::exp2(-seconds{now - faded_} / half_life);
    for (auto& x : seconds_) x *= left;
    total_ *= left;
  }
  faded_ = now;
  ++count_;
  const auto weight = unusual && total_ > 0 ? std::min(length, total_ * most_of_an_unusual_one) : length;
  const auto bucket = std::ceil(std::log(std::max(length, 1.0)) / std::log(ratio));
  seconds_[std::min(static_cast<size_t>(bucket), seconds_.size() - 1)] += weight;
  total_ += weight;
}

std::optional<usual_gaps::duration> usual_gaps::longest() const {
  if (count_ == 0) return std::nullopt;
  double sum = 0;
  size_t i = 0;
  while (i + 1 < seconds_.size() && (sum += seconds_[i]) < total_ * usual_share) ++i;
  return std::chrono::duration_cast<duration>(seconds{std::pow(ratio, static_cast<double>(i))});
}

usual_gaps::duration usual_gaps::learnt_from() const {
  return std::chrono::duration_cast<duration>(seconds{total_});
}

} // namespace senseflow::messages::insights
