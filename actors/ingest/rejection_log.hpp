// Which of the datagrams that were dropped get a line in the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace senseflow::actors {

struct rejection_log_options {
  std::chrono::minutes interval{10}; ///< between lines about one sender and reason
  uint32_t per_minute = 10;          ///< lines in all
  size_t senders = 256;              ///< remembered, by reason; those not seen for longest go
};

/// Not thread-safe. Time is the caller's.
class rejection_log {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit rejection_log(rejection_log_options options = {}) : options_(options) {}

  /// How many datagrams of this sender went without a line since the last one, if there may be a line now.
  std::optional<uint64_t> note(std::string_view from, std::string_view reason, time_point now);

private:
  struct entry {
    std::string key;
    std::optional<time_point> told;
    uint64_t untold = 0;
  };

  entry& find(std::string key);

  rejection_log_options options_;
  std::list<entry> entries_; ///< the last seen first
  std::unordered_map<std::string, std::list<entry>::iterator> by_key_;
  time_point minute_{};
  uint32_t lines_ = 0; ///< in this minute
};

} // namespace senseflow::actors
