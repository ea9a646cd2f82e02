// Notices when this machine's clock is set.
#pragma once

#include "messages/insights/analysis.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <optional>

namespace senseflow::messages::insights {

/// Not thread-safe.
class clock_watch {
public:
  using nanoseconds = std::chrono::nanoseconds;

  /// By how much it was set since the last look; 0: it was not.
  nanoseconds set_by(const moment& now);

  /// A time that was noted, perhaps before it was set the last time, as the clock tells it now. Never later than
  /// now. After the same moment was shown to `set_by`.
  caf::timestamp corrected(caf::timestamp noted) const;

private:
  std::optional<moment> last_;
  nanoseconds by_{0};      ///< it was set, the last time
  caf::timestamp since_{}; ///< it was surely not set again; what it tells now is later than that
};

} // namespace senseflow::messages::insights
