// Whose turn it is: what the lanes of one publisher offer. State goes first, it is little, and worth most
// while it is new; then the oldest event.
#pragma once

#include "actors/delivery/outbox/lane.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace senseflow::actors {

/// Not thread-safe. At most one offer a lane.
class outbox_turns {
public:
  struct turn {
    bool is_event = false;
    uint64_t id = 0;
    uint32_t lane = 0;
  };

  bool empty() const { return size_ == 0; }
  void offer(const turn& x) { turns_[size_++] = x; }
  turn take_first() {
    auto last = turns_.begin() + --size_;
    std::iter_swap(std::min_element(turns_.begin(), last + 1, earlier), last);
    return *last;
  }

private:
  static bool earlier(const turn& a, const turn& b) {
    return std::pair(a.is_event, a.id) < std::pair(b.is_event, b.id);
  }

  std::array<turn, outbox_lane_count> turns_;
  size_t size_ = 0;
};

} // namespace senseflow::actors
