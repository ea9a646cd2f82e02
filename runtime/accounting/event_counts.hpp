// Of events that several nodes share.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace senseflow::runtime {

/// The ledger's rule for copies that are not needed.
inline constexpr auto published_by_another_node = "published_by_another_node";

struct event_counts {
  uint64_t held = 0;                                  ///< now
  uint64_t suppressed = 0;                            ///< published by another node, and so not here
  uint64_t taken_over = 0;                            ///< published here in the place of another node
  std::map<std::string, uint64_t> duplicate_possible; ///< by reason: published here, and perhaps elsewhere
};

} // namespace senseflow::runtime
