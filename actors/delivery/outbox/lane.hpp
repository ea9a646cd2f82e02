// One of the outbox's lanes. All events of an origin go through the same, in the order of their ids.
#pragma once

#include "actors/delivery/outbox/item.hpp"
#include "actors/delivery/outbox/newest_states.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace senseflow::actors {

inline constexpr uint32_t outbox_lane_count = 16; ///< lies in the spool: never to be changed

/// Not thread-safe. From the oldest event to the newest: sendable | on disk only | to be written.
struct outbox_lane {
  using time_point = std::chrono::steady_clock::time_point;

  outbox_queue sendable;   ///< events in memory that may be sent
  uint64_t on_disk = 0;    ///< how many are on disk only: their ids are greater than `read_up_to`
  outbox_queue to_write;   ///< events in memory that wait to be written down, behind those on disk
  newest_states states;    ///< may be sent, before events
  uint64_t read_up_to = 0; ///< greatest id that is, or may be, on disk and is, or was, sendable
  bool replaying = false;  ///< it has a backlog
  time_point hold_until{}; ///< events are neither sent nor read before
  time_point hold_states_until{};
  time_point read_again{}; ///< it is not read before

  size_t waiting() const { return sendable.size() + to_write.size() + states.size(); } ///< in memory
  bool nothing_sendable() const { return sendable.empty() && states.empty(); }
  /// A new event may not be sent before these.
  bool has_unsendable() const { return on_disk > 0 || !to_write.empty(); }
  bool has_events() const { return has_unsendable() || !sendable.empty(); }

  outbox_item* find(uint64_t id);
  /// What is like this waits until then.
  void pause(const outbox_item& x, time_point until);

  /// From `to_write`: the first event, while nothing is on disk only.
  void may_be_sent(outbox_queue::iterator i);
  /// Likewise: written down, the first of its commit. It leaves the memory.
  void stays_on_disk(outbox_queue::iterator i);

  /// Time to read on.
  bool wants_to_read(time_point now) const;
  /// It is the next one on disk, and not one whose commit is still to be answered.
  bool reads_on_with(uint64_t id) const;
  void read_back(uint64_t id, outbox_item x);
  /// False if it was not on disk only.
  bool lost_on_disk(uint64_t id);
};

using outbox_lanes = std::array<outbox_lane, outbox_lane_count>;

} // namespace senseflow::actors
