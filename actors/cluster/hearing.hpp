// What a node can hear of the others, and the clock of the hold-back, which stands still while it hears nothing.
#pragma once

#include "actors/cluster/hold_clock.hpp"
#include "messages/cluster_message.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace senseflow::actors {

/// Whoever reads what others say ticks. When it has not for longer than `longest_gap` (the process was stopped,
/// say), what they said meanwhile is still unread: that time does not count, and a grace follows.
/// Not thread-safe.
class hearing {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using state = messages::channel_state;
  static constexpr std::chrono::milliseconds longest_gap{1000}; ///< between ticks

  struct options {
    std::chrono::milliseconds patience, grace, catch_up; ///< see shared_events_options
  };
  hearing(options o, time_point start)
      : options_(o), clock_(start), since_(start), broker_since_(start), looked_at_(start), ticked_(start) {}

  void tick(time_point now) {
    if (const auto gap = now - ticked_; gap > longest_gap) {
      clock_.lose(gap - longest_gap + options_.grace);
      since_ = now;
      quiet_until_ = now + options_.grace;
    }
    ticked_ = now;
    unread_since_.reset();
  }
  /// `now`, or when the time began that does not count.
  time_point counted(time_point now) const { return std::min<time_point>(now, ticked_ + longest_gap); }

  /// What others have said, and what has been sent to us, may wait to be read since long.
  bool behind(time_point now) const { return now < quiet_until_ || counted(now) < now; }

  void channel(state x, time_point now) {
    if ((x == state::up) != up()) since_ = now;
    channel_ = x;
    if (x == state::up || x == state::deaf)
      clock_.go_on(now, options_.grace);
    else
      clock_.stop(now);
  }
  /// Whether publishers are connected.
  void broker(bool connected, time_point now) {
    looked_at_ = now;
    if (connected != broker_) broker_since_ = now;
    broker_ = connected;
  }

  /// All that was sent so far was heard.
  bool up() const { return channel_ == state::up; }
  bool known() const { return up() || channel_ == state::deaf; }
  /// Nothing is heard, and that is not the broker's fault.
  bool nothing(time_point now) const {
    if (channel_ == state::deaf) return true;
    return !up() && broker_ && counted(now) - std::max(since_, broker_since_) >= options_.patience;
  }
  /// Nobody hears what is told, or there is nothing to tell since nothing can be published.
  bool mute() const { return channel_ == state::deaf || (channel_ == state::down && !broker_); }
  /// A backlog need not wait (any longer) for what others have to say.
  bool enough(time_point now) {
    if (counted(now) < now && now - unread_since_.emplace(unread_since_.value_or(now)) < options_.catch_up)
      return false;
    if (now < quiet_until_) return false;
    return up() || channel_ == state::deaf || now - broker_since_ >= options_.catch_up;
  }
  /// When it began to be up, or not to be.
  time_point since() const { return since_; }
  /// When publishers were looked at last.
  time_point looked_at() const { return looked_at_; }
  /// Of the hold-back.
  hold_clock::duration clock(time_point now) const { return clock_.now(counted(now)); }

private:
  options options_;
  hold_clock clock_;
  state channel_ = state::down;
  bool broker_ = false;
  time_point since_, broker_since_, looked_at_, ticked_, quiet_until_{};
  std::optional<time_point> unread_since_; ///< as far as anybody has asked
};

} // namespace senseflow::actors
