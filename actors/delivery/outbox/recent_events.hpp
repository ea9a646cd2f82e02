// The newest events that were published, for whoever asks for them once more.
#pragma once

#include "messages/publication.hpp"
#include "messages/shared.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace senseflow::actors {

struct recent_events_options {
  size_t most = 0; ///< of each class; 0: none are kept
};

/// Not thread-safe.
class recent_events {
public:
  /// They take `max_bytes` at most.
  explicit recent_events(uint64_t max_bytes) : max_bytes_(max_bytes / messages::item_class_count) {}

  void configured(const recent_events_options& x);

  void published(const messages::shared<messages::publication>& x);

  /// The newest `most` of the class, the oldest first.
  std::vector<messages::shared<messages::publication>> newest(messages::item_class c, size_t most) const;

private:
  struct kept {
    std::deque<messages::shared<messages::publication>> events;
    uint64_t bytes = 0;
  };
  void shrink(kept& x) const;

  uint64_t max_bytes_; ///< of each class
  recent_events_options options_;
  std::array<kept, messages::item_class_count> by_class_;
};

} // namespace senseflow::actors
