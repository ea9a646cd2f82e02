// Messages that have been delivered as far as one can tell, which proves nothing: of QoS 0, and all before
// MQTT 5. They got through if the connection holds for a moment.
#pragma once

#include "actors/delivery/carried_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace senseflow::actors {

/// Of one connection; not thread-safe; bounded: beyond `most` the oldest are forgotten without a proof.
class probation {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A broker that closes over a message does so when it acknowledges it; one that need not, a way later.
  static constexpr auto after_acknowledgement = std::chrono::milliseconds(200);
  static constexpr auto after_writing = std::chrono::milliseconds(1000);
  static constexpr size_t most = 1000;

  struct entry {
    uint64_t token = 0;
    carried_message what;
    time_point over{};
  };

  void add(uint64_t token, carried_message what, time_point now) {
    if (entries_.size() == most) entries_.pop_front();
    const auto lasts = what.qos > 0 ? after_acknowledgement : after_writing;
    entries_.push_back({token, std::move(what), now + lasts});
  }

  /// They got through.
  std::vector<entry> take_over(time_point now) {
    std::vector<entry> result;
    for (; !entries_.empty() && entries_.front().over <= now; entries_.pop_front())
      result.push_back(std::move(entries_.front()));
    return result;
  }

  /// When to look again.
  time_point next() const { return entries_.front().over; }
  bool empty() const { return entries_.empty(); }
  void clear() { entries_.clear(); }

private:
  std::deque<entry> entries_; // in the order they were delivered
};

} // namespace senseflow::actors
