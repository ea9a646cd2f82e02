// Whether the broker is away, and whether its subscribers may have to come back.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

namespace senseflow::actors {

/// Not thread-safe.
class outage {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit outage(std::chrono::milliseconds away_after) : away_after_(away_after) {}

  /// Whether anybody is connected now; true if it turns out that the broker has gone away.
  bool observe(bool connected, time_point now) {
    if (connected)
      since_.reset();
    else if (!since_)
      since_ = now;
    const bool before = std::exchange(away_, since_ && now - *since_ >= away_after_);
    if (away_) interrupted_ = true; // whatever the reason
    return away_ && !before;
  }
  /// When it was last observed.
  bool away() const { return away_; }

  /// A connection has ended, or the process has been restarted.
  void interrupt() { interrupted_ = true; }
  /// A connection is there again: true, once, if there was an interruption.
  bool over() { return std::exchange(interrupted_, false); }

private:
  std::chrono::milliseconds away_after_;
  std::optional<time_point> since_; ///< when nobody was connected any more
  bool away_ = false;
  bool interrupted_ = false;
};

} // namespace senseflow::actors
