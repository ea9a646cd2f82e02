// Which things come faster than a rate, each known by its hash.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace senseflow::messages {

/// A fixed amount of memory, nothing is allocated later: a place is free again as soon as what had it is as
/// slow as one that was never seen. Not thread-safe; time is the caller's and does not go back.
class pace_table {
public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class pace : uint8_t {
    slow,
    fast,   ///< in some stretch of time that ends now came more than `rate` a second and `rate` on top
    unknown ///< there was no place for it
  };

  /// At least 8.
  explicit pace_table(size_t places);

  /// Notes one more. `rate`: a second, at least 1.
  pace arrived(uint64_t hash, uint32_t rate, time_point now);

private:
  struct place {
    uint64_t hash = 0;
    time_point busy_until{}; ///< at `rate`, what has come takes until then
  };

  static constexpr size_t ways = 8; ///< places in which a hash may be

  std::vector<place> places_;
};

} // namespace senseflow::messages
