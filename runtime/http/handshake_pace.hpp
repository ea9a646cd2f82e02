// How many connections are set up at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace senseflow::runtime {

/// A TLS handshake costs this machine and its peer a few milliseconds of work. Too many at a time make all of
/// them slow, until they run into their time limits and come again. So there are more while they are quick,
/// half as many when one was slow (AIMD, as TCP does it). One that takes unusually long does not count any
/// more: servers that never answer don't hold up the others. Pure: times come as arguments. Not thread-safe.
class handshake_pace {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr size_t least = 8;
  static constexpr size_t most = 64;
  /// For so long each counts as under way, longer where they usually take longer, up to `slow`.
  static constexpr std::chrono::milliseconds counts_for{250};
  /// From here on it was slow: the way to the far side of the world and back is not.
  static constexpr std::chrono::milliseconds slow{1000};

  /// Whether one more may begin.
  bool free(time_point now) const;

  /// One begins; returns its number.
  uint64_t began(time_point now);
  /// Its connection is up.
  void established(uint64_t number, time_point now);
  /// It has failed, was given up, or none was needed.
  void ended(uint64_t number) { under_way_.erase(number); }

  size_t at_a_time() const { return static_cast<size_t>(window_); }
  size_t under_way() const { return under_way_.size(); }
  /// What one takes at present: a moving average.
  std::chrono::milliseconds usual() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(usual_);
  }

private:
  std::map<uint64_t, time_point> under_way_; ///< in the order of their beginnings
  uint64_t last_ = 0;
  double window_ = least;
  bool growing_ = true; ///< by one for each quick one; once one was slow, by one for each window of them
  time_point halved_{};
  std::chrono::steady_clock::duration usual_{};
};

/// The right to set up one connection; given back at its end.
class handshake_turn {
public:
  handshake_turn() = default;
  handshake_turn(handshake_pace& pace, handshake_pace::time_point now)
      : pace_(&pace), number_(pace.began(now)) {}
  handshake_turn(handshake_turn&& x) noexcept : pace_(std::exchange(x.pace_, nullptr)), number_(x.number_) {}
  handshake_turn& operator=(handshake_turn&& x) noexcept {
    std::swap(pace_, x.pace_);
    std::swap(number_, x.number_);
    return *this;
  }
  ~handshake_turn() {
    if (pace_) pace_->ended(number_);
  }

  explicit operator bool() const { return pace_ != nullptr; }

  void established(handshake_pace::time_point now) {
    if (pace_) std::exchange(pace_, nullptr)->established(number_, now);
  }

private:
  handshake_pace* pace_ = nullptr;
  uint64_t number_ = 0;
};

} // namespace senseflow::runtime
