#include "runtime/backoff.hpp"

#include <algorithm>

namespace senseflow::runtime {

std::chrono::nanoseconds backoff::next() {
  auto doublings = std::min(attempts_++, 30u);
  std::chrono::nanoseconds delay =
      std::min<std::chrono::nanoseconds>(options_.initial * (int64_t{1} << doublings), options_.max);
  auto spread = delay.count() * options_.jitter_percent / 100;
  if (spread > 0)
    delay += std::chrono::nanoseconds{std::uniform_int_distribution<int64_t>{-spread, spread}(random_)};
  return delay;
}

} // namespace senseflow::runtime
