#include "messages/insights/row_gaps.hpp"

#include <bitset>
#include <utility>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;

constexpr uint32_t window = 64;
constexpr auto patience = 2s;
constexpr uint32_t trusted_run = 16;   // steps before a jump that may be a loss
constexpr uint32_t confirming_run = 4; // steps after it
constexpr uint32_t longest_wrap = 1000, longest_jump = 5000;

/// From `a` on to `b`.
uint32_t distance(uint32_t a, uint32_t b) { return (b + row_gaps::last_row - a) % row_gaps::last_row; }

uint32_t after(uint32_t row, uint32_t ahead) { return (row + ahead - 1) % row_gaps::last_row + 1; }

uint64_t missing(uint64_t came, uint32_t of) { return of - std::bitset<64>{came}.count(); }

} // namespace

void row_gaps::begin(uint32_t row, time_point now) {
  *this = {};
  newest_ = row;
  came_ = ~uint64_t{0}; // nothing is known of what was before
  moved_ = now;
}

void row_gaps::skip() { *this = {}; }

uint64_t row_gaps::observe(uint32_t row, time_point now) {
  if (row == 0 || row > last_row) return 0;
  if (newest_ == 0) {
    begin(row, now);
    return 0;
  }
  if (const auto behind = distance(row, newest_); behind < window) {
    came_ |= uint64_t{1} << behind;
    return 0;
  }
  const auto ahead = distance(newest_, row);
  if (ahead < window) return step(ahead, now);
  const bool another_count = jumped_from_ != 0 && distance(jumped_from_, row) < window;
  const bool restarted = row < newest_ ? row == 1 || ahead > longest_wrap : ahead > longest_jump;
  if (!another_count && !restarted && run_ >= trusted_run) return jump(ahead, now);
  begin(row, now);
  return 0;
}

uint64_t row_gaps::step(uint32_t ahead, time_point now) {
  const auto lost = missing(came_ >> (window - ahead), ahead);
  came_ = came_ << ahead | 1;
  newest_ = after(newest_, ahead);
  moved_ = now;
  ++run_;
  if (jumped_from_ == 0) return lost;
  doubtful_ += lost;
  if (run_ < confirming_run) return 0;
  jumped_from_ = 0;
  return std::exchange(doubtful_, 0);
}

uint64_t row_gaps::jump(uint32_t ahead, time_point now) {
  const auto lost = missing(came_, window);
  jumped_from_ = newest_;
  doubtful_ = ahead - window;
  newest_ = after(newest_, ahead);
  came_ = 1;
  run_ = 0;
  moved_ = now;
  return lost;
}

uint64_t row_gaps::tick(time_point now) {
  if (newest_ == 0 || jumped_from_ != 0 || now - moved_ < patience) return 0;
  const auto lost = missing(came_, window);
  came_ = ~uint64_t{0};
  return lost;
}

} // namespace senseflow::messages::insights
