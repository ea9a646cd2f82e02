// How fast a backlog may be published: so many events a second, plus as many as join it meanwhile, so that it
// gets shorter at that rate whatever arrives.
#pragma once

#include <chrono>
#include <cstdint>

namespace senseflow::actors {

/// Not thread-safe.
class replay_pace {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit replay_pace(uint32_t per_second) : per_second_(per_second) {}

  bool allows(time_point now);
  void published() { allowance_ -= 1; }
  /// An event has joined the backlog.
  void joined() { allowance_ += 1; }

private:
  double per_second_;
  double allowance_ = 0;
  time_point last_{};
};

} // namespace senseflow::actors
