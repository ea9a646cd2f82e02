// A node's state as it is shown: facts, trends, what is wrong, and the verdict.
#pragma once

#include "runtime/status/bottleneck.hpp"
#include "runtime/status/conditions.hpp"
#include "runtime/status/facts.hpp"
#include "runtime/status/trends.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
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

/// Knows since when what holds. What begins in the future, by a clock that was ahead, begins when it is seen
/// first. Not thread-safe.
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

/// All who show a node look through it, so that they agree since when what holds; outlives them. Thread-safe.
class status_watch {
public:
  /// `look` must not wait for anybody.
  explicit status_watch(std::function<facts()> look) : look_(std::move(look)) {}

  node_status look();

private:
  std::function<facts()> look_;
  std::mutex mutex_; ///< guards the next
  status_keeper keeper_;
};

} // namespace senseflow::runtime
