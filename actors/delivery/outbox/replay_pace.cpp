#include "actors/delivery/outbox/replay_pace.hpp"

#include <algorithm>

namespace senseflow::actors {

bool replay_pace::allows(time_point now) {
  if (per_second_ == 0) return true; // no limit
  constexpr double burst_seconds = 0.1;
  std::chrono::duration<double> passed = now - last_;
  last_ = now;
  // What joined counts in full; what was not used in time does not add up to a flood.
  auto burst = std::max(per_second_ * burst_seconds, 1.0);
  if (allowance_ < burst) allowance_ = std::min(allowance_ + passed.count() * per_second_, burst);
  return allowance_ >= 1;
}

} // namespace senseflow::actors
