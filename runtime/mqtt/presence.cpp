#include "runtime/mqtt/presence.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

bool presence_rights::try_without(time now) {
  if (!usable(now)) return false;
  if (to_skip_ > 0) {
    --to_skip_;
    return false;
  }
  trial_ = true;
  return true;
}

void presence_rights::failed() {
  if (!std::exchange(trial_, false)) return;
  to_skip_ = pause_between_trials_;
  pause_between_trials_ = std::min(2 * pause_between_trials_, 64);
}

bool presence_rights::connected(time now) {
  to_skip_ = 0;
  pause_between_trials_ = 1;
  if (!std::exchange(trial_, false)) return false;
  denied(now);
  return true;
}

void presence_rights::taken() { suspicion_ = denials_ = 0; }

void presence_rights::denied(time now) {
  suspicion_ = 0;
  ++denials_;
  left_out_until_ = now + pause();
}

bool presence_rights::ended(time now, bool others) {
  suspicion_ += others ? 1 : 2;
  if (suspicion_ < 4) return false;
  denied(now);
  return true;
}

std::chrono::minutes presence_rights::pause() const {
  using std::chrono::minutes;
  return std::min<minutes>(minutes(10) * (1 << std::clamp(denials_ - 1, 0, 10)), std::chrono::hours(8));
}

} // namespace senseflow::runtime
