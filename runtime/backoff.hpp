// Delays between attempts: exponential, with jitter, so that many do not try again in step.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace senseflow::runtime {

struct backoff_options {
  std::chrono::milliseconds initial{100}; ///< before the first new attempt
  std::chrono::milliseconds max{30000};
  uint32_t jitter_percent = 20; ///< of the delay, added or taken away
};

class backoff {
public:
  explicit backoff(backoff_options o = {}, uint64_t seed = std::random_device{}())
      : options_(o), random_(seed) {}

  /// The delay before the next attempt; doubles with each call, up to the maximum.
  std::chrono::nanoseconds next();
  void reset() { attempts_ = 0; }
  uint32_t attempts() const { return attempts_; }

private:
  backoff_options options_;
  uint32_t attempts_ = 0;
  std::minstd_rand random_;
};

} // namespace senseflow::runtime
