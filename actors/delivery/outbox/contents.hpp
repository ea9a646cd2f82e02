// What the outbox holds, in memory and on disk, and the ways of an item: in, to a publisher and back, to its
// end. Each step is one call on the ledger.
#pragma once

#include "actors/delivery/outbox/byte_budget.hpp"
#include "actors/delivery/outbox/deliveries.hpp"
#include "actors/delivery/outbox/event_witness.hpp"
#include "actors/delivery/outbox/item.hpp"
#include "actors/delivery/outbox/lane.hpp"
#include "actors/delivery/outbox/recent_events.hpp"
#include "actors/delivery/outbox/retained_state.hpp"
#include "actors/delivery/outbox/sent_values.hpp"
#include "actors/delivery/outbox/spool_tasks.hpp"
#include "actors/delivery/outbox/suspects.hpp"
#include "runtime/accounting/ledger.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace senseflow::actors {

inline constexpr std::string_view at_the_end = "shutdown"; ///< why something is dropped

/// Not thread-safe.
struct outbox_contents {
  runtime::ledger& book;
  byte_budget budget;        ///< of all that is in memory
  retained_state retained{}; ///< by the broker
  sent_values last_sent{};   ///< of polled state
  recent_events recent{0};   ///< that were published
  outbox_lanes lanes{};
  deliveries on_way{};
  suspects suspected{};
  spool_tasks tasks{};
  std::shared_ptr<event_witness> events{}; ///< null: nobody wants to know

  uint32_t lane_of(const messages::publication& x) const;
  outbox_item* find(uint64_t id, uint32_t lane); ///< in memory

  size_t waiting() const;   ///< in memory
  uint64_t on_disk() const; ///< only there

  /// From its source; it has to be put somewhere.
  void enters(const outbox_item& x);
  /// May be sent, perhaps again: takes its place.
  void put(uint64_t id, uint32_t lane, outbox_item x);
  /// Behind what is on disk, until it is there too.
  void put_unwritten(uint64_t id, uint32_t lane, outbox_item x);
  /// Was published before, and is to be sent once more; it has to be put somewhere.
  void enters_anew(const outbox_item& x);
  /// State of this kind.
  void put_anew(uint64_t id, uint32_t lane, outbox_item x);

  /// Only this is to be sent of it.
  void reduce(outbox_item& x, messages::publication to);
  /// Taken from the lane, given to the publisher of this slot.
  void send(uint32_t slot, uint32_t lane, outbox_queue::node_type x, sent_values::time_point now);
  /// Is to be sent again; `repeated`: after the broker may have got it.
  void take_back(deliveries::map::iterator i, bool repeated);
  /// `each`: what became of its messages; empty: all were delivered.
  void published(deliveries::map::iterator i, bool confirmed,
                 const std::vector<messages::message_outcome>& each = {});
  void drop(deliveries::map::iterator i, std::string_view reason);

  /// The first one of a lane's queue, or of its states, ends here. What is given up, for want of memory or at
  /// the end, though the broker may have it is `unconfirmed`.
  void drop(outbox_lane& l, outbox_queue& from, std::string_view reason);
  /// Likewise, as configured: the first event, or state, that may be sent.
  void filter(outbox_lane& l, bool is_event, std::string_view rule);
  void drop_state(outbox_lane& l, std::string_view reason);
  /// The oldest events end, `memory_full`: those above the budget, and those that keep others
  /// from being read back.
  void drop_surplus();

private:
  outbox_item settled(deliveries::map::iterator i);
  void ended(uint64_t id, const outbox_item& x);
  void tell(const outbox_item& x, bool published);
  void drop(outbox_queue::node_type x, std::string_view reason);
};

} // namespace senseflow::actors
