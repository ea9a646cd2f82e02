// What is noted of answers and connections, for those analyses that look at it instead of at items.
#pragma once

#include "messages/items/polled_by.hpp"

#include <caf/timestamp.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

namespace senseflow::messages::insights {

/// Seconds since 1970: nothing was valid before. Nanoseconds do not reach beyond 2262.
inline caf::timestamp end_of_validity(int64_t seconds) {
  constexpr int64_t latest = 9'000'000'000;
  return caf::timestamp{std::chrono::seconds(std::clamp<int64_t>(seconds, 0, latest))};
}

/// An answer of a server that told its time.
struct dated_answer {
  polled_by by;
  std::chrono::seconds date{};        ///< by its clock, since 1970
  caf::timestamp asked{}, answered{}; ///< by ours
};

struct seen_certificate {
  std::string of;      ///< whose: `Sense server sense1`, `broker mqtt.example.com:8883`, `file client.pem`
  std::string use;     ///< in words, of files; else ""
  std::string subject; ///< "" where only the end is known
  std::string issuer;
  caf::timestamp not_after{};
};
inline bool operator==(const seen_certificate& a, const seen_certificate& b) {
  return std::tie(a.of, a.use, a.subject, a.issuer, a.not_after) ==
         std::tie(b.of, b.use, b.subject, b.issuer, b.not_after);
}

} // namespace senseflow::messages::insights
