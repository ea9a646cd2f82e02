// What the outbox owns: every publication until the broker has acknowledged it, in memory or on disk. It
// survives the outbox's crashes.
#pragma once

#include "actors/delivery/outbox/accepted_batches.hpp"
#include "actors/delivery/outbox/options.hpp"
#include "actors/delivery/outbox/replay_pace.hpp"
#include "actors/delivery/outbox/spooling.hpp"
#include "actors/delivery/outbox/turns.hpp"
#include "messages/delivery.hpp"
#include "messages/flow.hpp"
#include "runtime/accounting/ledger.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe; nothing blocks. Puts the pieces together: sources and publishers here, the disk in
/// `outbox_spooling`. README.md has the rules.
class outbox_store : public outbox_spooling {
public:
  static constexpr uint32_t lane_count = outbox_lane_count;

  /// Items are accounted for in `book`, each exactly once.
  outbox_store(outbox_options options, runtime::ledger& book);

  /// What an earlier process left: once, before anything else.
  struct found_on_disk {
    uint32_t lane = 0;
    messages::item_class cls = messages::item_class::user_event;
    std::string source;
    uint64_t count = 0;
  };
  void recover(const std::vector<found_on_disk>& found);

  /// Takes over all items of the batch, or has done so before. False, and nothing is taken, if batches of its
  /// source are missing before it.
  bool accept(const messages::encoded_batch& batch, time_point now);

  /// The publisher of this slot can hold so many MQTT messages at a time, and holds these publications;
  /// others that it was given have not arrived and wait again.
  void publisher_here(const messages::publisher_state& x, time_point now);
  /// With all it held, which waits again.
  void publisher_died(uint32_t slot, time_point now);
  /// A new outbox knows of no publisher until it states itself; what is on its way stays so.
  void forget_connections();

  /// What the publisher of this slot can take now: state, then events, the oldest first.
  std::vector<messages::outgoing> take(uint32_t slot, time_point now);
  /// What became of publications given to this slot; unknown ids are ignored.
  void settle(uint32_t slot, const std::vector<messages::settlement>& items, time_point now);

  /// The newest events of this class that were published go out once more, behind what waits; how many. None, if
  /// so much waits that others would have to give way to them.
  std::optional<uint64_t> repeat(const messages::repeat_events& what, time_point now);

  /// Nothing more can be done before the end: memory is empty, or nobody takes from it and the disk takes the
  /// rest that is in it.
  bool drained() const;
  /// Connected, and nothing is here or due: only somebody else can change that.
  bool at_rest() const;
  /// The end: writes down what is left. What can't be (state; without a disk, all) is dropped: `shutdown`, or
  /// `unconfirmed` if the broker may have it.
  void end(const committer& commit);

  bool empty() const { return waiting() + in_flight() == 0; } ///< in memory
  size_t waiting() const { return held_.waiting(); }          ///< in memory
  size_t in_flight() const { return held_.on_way.size(); }
  uint64_t on_disk() const { return held_.on_disk(); } ///< only there
  uint64_t bytes() const { return held_.budget.used(); }
  /// In memory.
  std::optional<std::chrono::milliseconds> age_of_oldest_event(time_point now);
  /// Events of mode `journal` sent without having been written down.
  uint64_t bypassed() const { return bypassed_; }
  /// So full that it should not be asked to take more.
  bool congested() const { return held_.budget.congested(spool_works(), held_.on_way.connected()); }

private:
  void admit(outbox_item x);
  void replay(bool resumed);
  size_t reminders() const;
  void remind(uint32_t lane, size_t most);
  bool shared(const outbox_item& x) const;
  void offer(outbox_lane& l, uint32_t n, outbox_turns& to);
  std::optional<messages::publication> news_of(const outbox_item& x) const;
  messages::outgoing send(const outbox_turns::turn& what, uint32_t slot,
                          std::optional<messages::publication> news);
  bool try_again(deliveries::map::iterator i, bool returned);
  void take_back(deliveries::map::iterator i, bool repeated);
  void take_back_all(uint32_t slot, const std::vector<uint64_t>& but);

  accepted_batches accepted_;
  replay_pace pace_;
};

} // namespace senseflow::actors
