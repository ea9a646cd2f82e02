// Events that have come here and that another node has published: for analyses only, which so know all that
// this node has received, each event once. What this node publishes they see when it is encoded.
#pragma once

#include "actors/insight_feed.hpp"
#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace senseflow::actors {

/// Thread-safe; each call is short. While nothing is analysed it keeps nothing.
class passed_events {
public:
  static constexpr size_t most = 5000; ///< that wait

  /// `source`: the number of its batches, which nobody else has.
  passed_events(std::shared_ptr<insight_feed> feed, uint64_t source)
      : feed_(std::move(feed)), source_(source) {}

  void add(messages::user_event x);
  /// What is found out from log events is noted where they arrive.
  void add(const messages::log_event&) {}

  struct outcome {
    bool wake = false;  ///< the feed was empty: the analyst is to be told
    size_t skipped = 0; ///< for which there was no room
  };
  /// Puts all that wait into the feed.
  outcome show();

private:
  const std::shared_ptr<insight_feed> feed_;
  const uint64_t source_;
  std::mutex mutex_; // guards the next
  messages::item_list waiting_;
  uint64_t last_number_ = 0;
  size_t skipped_ = 0;
};

} // namespace senseflow::actors
