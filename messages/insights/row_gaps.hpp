// The row numbers of one log appender tell how many of its datagrams were lost on the way.
#pragma once

#include <chrono>
#include <cstdint>

namespace senseflow::messages::insights {

/// Follows what `%rownum{9999}` counts: 1, 2, ... 9999, 1, ... It rather counts too few than too many:
/// - what comes late (by up to 63 rows, or 2 s) or twice is no loss;
/// - a count that begins anew, or jumps far back, is a restarted service: no loss;
/// - of a jump ahead of more than a window all is lost if rows followed one another before it and do so after it:
///   where two count under one name, nothing is said.
/// Time is the caller's.
class row_gaps {
public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr uint32_t last_row = 9999;

  /// Returns how many rows are known to be lost since the last call.
  uint64_t observe(uint32_t row, time_point now);
  /// Likewise: what has not come by now does not come any more.
  uint64_t tick(time_point now);
  /// Datagrams came that nobody has read: the next row is no gap.
  void skip();

private:
  void begin(uint32_t row, time_point now);
  uint64_t step(uint32_t ahead, time_point now);
  uint64_t jump(uint32_t ahead, time_point now);

  uint32_t newest_ = 0; ///< 0 = none
  uint64_t came_ = 0;   ///< bit i: the row i before the newest
  uint32_t run_ = 0;    ///< steps since the beginning, or since the last jump
  uint32_t jumped_from_ = 0; ///< 0: no jump is in doubt
  uint64_t doubtful_ = 0;    ///< rows that it left out and that have left the window
  time_point moved_{};
};

} // namespace senseflow::messages::insights
