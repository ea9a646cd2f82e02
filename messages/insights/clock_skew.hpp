// How far a server's clock is ahead of ours, from what it says of the time now and then.
#pragma once

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>

namespace senseflow::messages::insights {

/// Between these.
struct skew_bounds {
  std::chrono::nanoseconds least{}, most{};
};

struct skew_estimate {
  std::chrono::nanoseconds ahead{};       ///< negative: behind
  std::chrono::nanoseconds uncertainty{}; ///< plus or minus
  std::string_view source;                ///< date, date+events, events
};

/// What a `Date` header says, whose seconds are whole: `asked` and `answered` are by our clock.
skew_bounds bounds_of(std::chrono::seconds date, caf::timestamp asked, caf::timestamp answered);

/// Puts together what the last minutes have shown: each answer alone says it to a second, many say it
/// better, as long as they agree. Where they don't, a clock was set: what was before does not count. Time is
/// the caller's.
class clock_skew {
public:
  using time_point = std::chrono::steady_clock::time_point;

  void add(const skew_bounds& x, time_point now);
  /// Our clock was set.
  void forget() { answers_.clear(); }

  /// `at_least`: what events say, if there were any.
  std::optional<skew_estimate> estimate(std::optional<std::chrono::nanoseconds> at_least, time_point now);

private:
  struct answer {
    skew_bounds bounds;
    time_point at;
  };
  std::deque<answer> answers_; ///< of the last minutes, which have something in common
};

} // namespace senseflow::messages::insights
