// Where the memory of an engine is going, from its last polls.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace senseflow::messages::insights {

struct memory_trend_options {
  std::chrono::milliseconds horizon{600000};
  double threshold = 0.8; ///< of the limit
};

/// What the polls come to.
struct memory_outlook {
  double committed = 0, limit = 0;                ///< MB
  double growth = 0;                              ///< MB a second; negative: it shrinks
  std::chrono::steady_clock::time_point lowest{}; ///< when it was, of the polls that are looked at
  std::optional<std::chrono::seconds> left;       ///< until the limit, if it grows
  bool imminent = false;                          ///< in a few polls
  bool soon = false;                              ///< within the horizon, and unusual for this engine

  double used() const { return limit > 0 ? committed / limit : 0; }
};

/// Growth is the median of the slopes between all pairs of polls (Theil and Sen): a few outliers do not move it.
/// - Imminent: of the last 5 polls most went up by what the median says, and 4 more like that reach the limit. Loading
///   one app is one step, and does not look like this; a growth to the limit in less than 5 polls can't be told from it.
/// - Soon: of up to 60 polls nearly all pairs rise, the limit is reached within the horizon, and so much was not used in
///   any hour of the last day but the latest (in the first hours: 90 % of the limit). Engines fill their caches and
///   empty them again, as high as they are used to.
class memory_trend {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// MB. Times grow.
  void add(time_point when, double committed, double limit);
  /// The engine is another one.
  void restart() { points_.clear(); }
  /// While there is an alarm this is nothing to get used to.
  void get_used(time_point when, double part_of_limit);

  memory_outlook look(const memory_trend_options& o) const;
  bool empty() const { return points_.empty(); }

private:
  struct point {
    time_point when;
    double committed = 0;
  };
  using points = std::deque<point>;
  struct hour {
    int64_t number = -1;
    double most = 0;
  };

  static double slope(points::const_iterator first, points::const_iterator last);
  static double rising(points::const_iterator first, points::const_iterator last);
  static size_t steps(points::const_iterator first, points::const_iterator last, double slope);
  bool unusual(double used) const;

  points points_;
  double limit_ = 0;
  std::array<hour, 24> hours_;
};

} // namespace senseflow::messages::insights
