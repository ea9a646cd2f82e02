#include "test/fuzz/lost_rows.hpp"

#include "messages/insights/row_gaps.hpp"
#include "test/fuzz/invariants.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace senseflow::fuzz {

namespace {

using namespace std::chrono_literals;
using messages::insights::row_gaps;

class appender {
public:
  explicit appender(input& in) : row_(static_cast<uint32_t>(in.below(100)) * 100 + 1) {}

  void deliver(size_t n) {
    while (n-- > 0) {
      settle(1);
      lost_ += gap_;                    // known to be in the middle
      certain_ = certain_ && gap_ < 62; // with one that is held back still no jump
      gap_ = 0;
      came(row_);
      last_ = row_;
      began_ = true;
      advance(1);
    }
  }
  void lose(size_t n) {
    settle(n);
    if (began_) gap_ += n; // what was before the first one is not known
    advance(static_cast<uint32_t>(n));
  }
  /// It comes, but later.
  void hold() {
    if (held_ || !last_) return;
    if (gap_ > 0) deliver(1);
    held_ = row_;
    held_since_ = now_;
    distance_ = 0;
    advance(1);
  }
  void repeat() {
    if (last_ && gap_ == 0) came(*last_);
  }
  /// Nobody has read them.
  void skip(size_t n) {
    settle(64);
    advance(static_cast<uint32_t>(n));
    forget();
    last_.reset();
    seen_.skip();
  }
  /// It counts from 1 again; near the end of the count that looks like going on.
  void restart() {
    settle(64);
    if (row_ > 8000) return;
    row_ = 1;
    forget();
  }
  void pass(std::chrono::nanoseconds t) {
    t = std::min<std::chrono::nanoseconds>(t, 1h);
    if (held_ && now_ + t - held_since_ > 1900ms) settle(64);
    now_ += t;
  }
  void tick() { told_ += seen_.tick(now_); }

  void end() {
    deliver(1);
    pass(3s);
    tick();
    require(told_ <= lost_ + unknown_, "no more rows are lost than were", shown());
    require(!certain_ || told_ == lost_, "all rows that are lost are told", shown());
  }
  void check() const { require(told_ <= lost_ + unknown_, "no more rows are lost than were", shown()); }

private:
  void came(uint32_t row) { told_ += seen_.observe(row, now_); }
  void advance(uint32_t n) {
    row_ = (row_ - 1 + n) % row_gaps::last_row + 1;
    distance_ += n;
  }
  /// Before so many more: what is held back comes before it is too late.
  void settle(size_t more) {
    if (!held_ || distance_ + more < 60) return;
    const auto row = *held_;
    held_.reset();
    came(row);
  }
  /// What has been lost so far may be told, or not.
  void forget() {
    unknown_ += lost_ + gap_;
    lost_ = gap_ = 0;
    certain_ = false;
  }
  std::string shown() const { return std::to_string(told_) + " of " + std::to_string(lost_ + unknown_); }

  row_gaps seen_;
  row_gaps::time_point now_{1000h};
  uint32_t row_;
  std::optional<uint32_t> last_, held_;
  row_gaps::time_point held_since_{};
  size_t distance_ = 0; ///< from what is held back
  uint64_t gap_ = 0, lost_ = 0, unknown_ = 0, told_ = 0;
  bool began_ = false, certain_ = true;
};

} // namespace

void check_lost_rows(input& in) {
  appender x{in};
  constexpr int most_steps = 200;
  for (int i = 0; i < most_steps && !in.empty(); ++i) {
    switch (in.step("dlhtksr+")) {
    case 'd':
      x.deliver(in.below(40));
      break;
    case 'l':
      x.lose(in.below(200));
      break;
    case 'h':
      x.hold();
      break;
    case 't':
      x.repeat();
      break;
    case 'k':
      x.tick();
      break;
    case 's':
      x.skip(in.below(200));
      break;
    case 'r':
      x.restart();
      break;
    case '+':
      x.pass(in.span());
      break;
    }
    x.check();
  }
  x.end();
}

} // namespace senseflow::fuzz
