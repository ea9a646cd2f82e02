// What something was a while ago.
#pragma once

#include <chrono>
#include <deque>
#include <utility>

namespace senseflow::runtime {

/// Keeps values at least `step` apart, as many as `span` needs: the memory is bounded. Not thread-safe.
template <class T>
class lookback {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  lookback(duration span, duration step) : span_(span), step_(step) {}

  void add(time_point now, const T& x) {
    if (values_.empty() || now - values_.back().first >= step_) values_.emplace_back(now, x);
    while (values_.size() > 1 && now - values_[1].first >= span_) values_.pop_front();
  }

  /// The value of `span` ago, or the oldest there is; what `T{}` is if there is none.
  const T& before() const {
    static const T none{};
    return values_.empty() ? none : values_.front().second;
  }

  /// How long ago that was.
  duration age(time_point now) const { return values_.empty() ? duration{0} : now - values_.front().first; }

private:
  duration span_, step_;
  std::deque<std::pair<time_point, T>> values_; ///< the oldest first
};

} // namespace senseflow::runtime
