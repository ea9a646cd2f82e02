// A point in time.
#pragma once

#include <caf/timestamp.hpp>

#include <chrono>

namespace senseflow::messages {

/// Both clocks: durations are counted by the steady one, since the other may be set meanwhile.
struct moment {
  caf::timestamp wall{};
  std::chrono::steady_clock::time_point steady{};
};

} // namespace senseflow::messages
