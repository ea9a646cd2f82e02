// What is on its way to the broker, and with whom: publishers, by slot, and what each can take.
#pragma once

#include "actors/delivery/outbox/item.hpp"
#include "actors/delivery/outbox/lane.hpp"
#include "messages/delivery.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe.
class deliveries {
public:
  struct delivery {
    outbox_item what;
    uint32_t lane = 0;
    uint32_t slot = 0;
  };
  using map = std::unordered_map<uint64_t, delivery>; ///< by id
  static constexpr uint32_t most_publishers = 1024;   ///< slots

  size_t size() const { return items_.size(); }
  map& items() { return items_; }
  bool connected() const; ///< anybody
  bool connected(uint32_t slot) const;
  uint32_t slots() const { return static_cast<uint32_t>(publishers_.size()); }

  /// What a publisher (of a slot below `most_publishers`) says about its connection.
  struct change {
    bool came = false;
    bool is_first = false; ///< it came, and nobody else is connected
    bool ended = false;
    bool carried_suspect = false; ///< ended: one was sent over it
  };
  change state_of(const messages::publisher_state& x);
  /// It is gone.
  void forget(uint32_t slot);
  /// Nobody is connected until he says so again.
  void forget_connections();
  /// What was given to it, but for these.
  std::vector<uint64_t> given_to(uint32_t slot, const std::vector<uint64_t>& without) const;

  /// Whether this publisher is the one for this lane. That changes only while nothing of the lane is on its
  /// way, which keeps the order.
  bool serves(uint32_t slot, uint32_t lane);
  /// For so many MQTT messages more, or half of the window for a larger publication: until all others are heard
  /// of, in bulk, would be long. Suspects go alone.
  bool has_room(uint32_t slot, size_t messages, bool is_suspect) const;
  void give(uint32_t slot, uint64_t id, uint32_t lane, outbox_item x, bool is_suspect);
  bool carries_state(const messages::shared_text& replaces) const;
  /// No longer on its way.
  delivery take(map::iterator i);

private:
  struct publisher {
    bool connected = false;
    uint32_t window = 0;
    size_t messages = 0;       ///< on their way
    bool alone = false;        ///< what was given last is a suspect: nothing else until it has arrived
    bool suspect_sent = false; ///< over this connection
  };
  struct route {
    size_t on_the_way = 0;
    uint32_t slot = 0; ///< the publisher that serves the lane
  };

  map items_;
  std::vector<publisher> publishers_; ///< by slot
  std::array<route, outbox_lane_count> routes_{};
};

} // namespace senseflow::actors
