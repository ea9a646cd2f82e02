// Which pauses between events are usual somewhere.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace senseflow::messages::insights {

/// Pauses count by their length: what is learnt is how long a pause is in which one finds oneself at any
/// time, so that bursts weigh as little as they last. What was a week ago counts half. Bounded; time is the
/// caller's.
class usual_gaps {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// One that was taken for unusual changes the picture only a little: it has to come again
  /// to count as usual.
  void add(duration gap, bool unusual, time_point now);

  /// Nearly all of the time (98 %) pauses are no longer than this, to a quarter; none before
  /// there was a pause.
  std::optional<duration> longest() const;

  uint64_t count() const { return count_; }
  /// Of the time that is remembered.
  duration learnt_from() const;

private:
  std::array<double, 64> seconds_{}; ///< in pauses up to 1.25^i s; longer ones are with the last
  double total_ = 0;
  uint64_t count_ = 0;
  time_point faded_{};
};

} // namespace senseflow::messages::insights
