#include "actors/ingest/datagram_guard.hpp"

namespace senseflow::actors {

std::string_view datagram_guard::reject(const runtime::datagram& x, time_point now) {
  if (options_.validate_source && !sources_.allows(x.from)) return "source_not_allowed";
  if (options_.max_per_minute > 0) {
    // A fixed window, as the reference has it: a new one starts with the first datagram after the old one.
    if (!window_open_ || now - window_start_ >= std::chrono::minutes(1)) {
      window_open_ = true;
      window_start_ = now;
      in_window_ = 0;
    }
    if (in_window_ >= options_.max_per_minute) return "rate_limit";
    ++in_window_;
  }
  if (x.bytes.size() > options_.max_bytes) return "too_large";
  return {};
}

} // namespace senseflow::actors
