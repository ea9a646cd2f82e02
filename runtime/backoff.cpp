#include "runtime/backoff.hpp"

#include <algorithm>

namespace senseflow::runtime {

std::chrono::nanoseconds backoff::next() {
  const auto factor = int64_t{1} << std::min(attempts_++, 30u);
  const std::chrono::nanoseconds initial = options_.initial, max = options_.max;
  auto delay = initial > max / factor ? max : initial * factor; // the product alone may be too large to hold
  auto spread = delay.count() * options_.jitter_percent / 100;
  if (spread > 0)
    delay += std::chrono::nanoseconds{std::uniform_int_distribution<int64_t>{-spread, spread}(random_)};
  return delay;
}

} // namespace senseflow::runtime
