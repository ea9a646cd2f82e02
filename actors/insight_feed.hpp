// The way from the encoder to the analyst: batches that were encoded, for whoever wants to make more of them. What
// waits is bounded, and the encoder waits for nobody.
#pragma once

#include "messages/flow.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace senseflow::actors {

/// Thread-safe; each call is short. Closed at first.
class insight_feed {
public:
  /// `max_waiting` items; a list of sessions counts as many as it has.
  explicit insight_feed(size_t max_waiting = 20000) : max_waiting_(max_waiting) {}

  bool is_open() const { return open_.load(std::memory_order_relaxed); }
  void open() { open_ = true; }
  /// What waits is given up.
  void close();

  enum class outcome {
    ignored, ///< closed, or there is nothing to look at in it
    first,   ///< waits, as the only one: whoever takes has to be told
    waits,
    skipped ///< there is no room
  };
  outcome offer(const messages::item_batch& batch);

  /// All that waits, in its order.
  std::vector<messages::item_batch> take();

private:
  const size_t max_waiting_;
  std::atomic<bool> open_{false};
  std::mutex mutex_; ///< guards the next
  std::vector<messages::item_batch> batches_;
  size_t waiting_ = 0;
};

} // namespace senseflow::actors
