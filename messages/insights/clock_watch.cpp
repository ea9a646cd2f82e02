#include "messages/insights/clock_watch.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::messages::insights {

namespace {
using namespace std::chrono_literals;

constexpr auto jump = 500ms; // between two looks: nothing that disciplines a clock moves it so fast
} // namespace

clock_watch::nanoseconds clock_watch::set_by(const moment& now) {
  const auto before = std::exchange(last_, now);
  if (!before) return 0ns;
  const nanoseconds passed = now.steady - before->steady;
  const auto by = now.wall - before->wall - passed;
  if (by >= -jump && by <= jump) return 0ns;
  by_ = by;
  since_ = now.wall - passed;
  return by;
}

caf::timestamp clock_watch::corrected(caf::timestamp noted) const {
  const auto now = last_->wall;
  const bool by_the_former = noted < since_ || noted > now + jump;
  return std::min(by_the_former ? noted + by_ : noted, now);
}

} // namespace senseflow::messages::insights
