// A node's state as it is shown: facts, trends, what is wrong, and the verdict.
#pragma once

#include "runtime/status/bottleneck.hpp"
#include "runtime/status/conditions.hpp"
#include "runtime/status/facts.hpp"
#include "runtime/status/trends.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime {

struct node_status {
  runtime::facts facts;
  runtime::trends trends;
  runtime::bottleneck bottleneck;
  std::vector<condition> conditions; ///< the worst first, then the oldest
  struct {
    severity how = severity::info; ///< the worst
    caf::timestamp since{};
    std::string text;
  } verdict;
  uint64_t number = 0; ///< counts
};

/// "ok", "warning", "critical".
std::string_view verdict_of(severity x);

/// Not thread-safe; outlives who uses it, since it knows since when what holds.
class status_keeper {
public:
  /// About once a second.
  node_status add(runtime::facts x);

private:
  using key = std::pair<std::string, std::string>; ///< id, subject

  trend_keeper trends_;
  std::map<key, caf::timestamp> since_;
  severity verdict_ = severity::info;
  caf::timestamp verdict_since_{};
  uint64_t number_ = 0;
};

} // namespace senseflow::runtime
