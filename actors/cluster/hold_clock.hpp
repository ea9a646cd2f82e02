// The clock of the hold-back: it stands still while nothing could be heard of other nodes.
#pragma once

#include <chrono>

namespace senseflow::actors {

/// Not thread-safe. Begins standing.
class hold_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  explicit hold_clock(time_point start) : start_(start), stopped_at_(start) {}

  void stop(time_point now) {
    if (runs_) stopped_at_ = now;
    runs_ = false;
  }
  /// Goes on, `grace` behind: all that waits gets so much more time.
  void go_on(time_point now, duration grace) {
    if (!runs_) lost_ += now - stopped_at_ + grace;
    runs_ = true;
  }
  /// So much of the time that has passed does not count.
  void lose(duration x) {
    if (runs_) lost_ += x;
  }
  duration now(time_point t) const { return (runs_ ? t : stopped_at_) - start_ - lost_; }

private:
  time_point start_, stopped_at_;
  duration lost_{};
  bool runs_ = false;
};

} // namespace senseflow::actors
