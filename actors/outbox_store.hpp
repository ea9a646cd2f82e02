// What the outbox owns: every publication until the broker has acknowledged it. Survives the outbox's
// crashes.
#pragma once

#include "messages/delivery.hpp"
#include "messages/flow.hpp"
#include "runtime/ledger.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace senseflow::actors {

struct outbox_options {
  uint32_t publishers = 1;         ///< slots, and lanes: one each
  uint64_t max_bytes = 256u << 20; ///< of waiting publications and those on their way
  uint32_t high_watermark_percent = 80;
};

/// Not thread-safe. Publications have ids in the order of their acceptance; a lane gives them out in that
/// order, and what comes back takes its old place. State waits only as its newest value, in the place of the
/// oldest. Above `max_bytes` the oldest waiting events go, counted `memory_full`. A publication that was on
/// its way when the connection ended, several times over, may be the reason: it then travels alone, so that
/// the others are not held up by it, and in the end is dropped, counted `undeliverable`.
class outbox_store {
public:
  using publication_ptr = messages::shared<messages::publication>;

  /// Items are accounted for in `book`, each exactly once.
  outbox_store(outbox_options options, runtime::ledger& book);

  /// Takes over all items of the batch; false if it had done so before.
  bool accept(const messages::encoded_batch& batch);

  /// The publisher of this slot can hold `window` MQTT messages at a time, and holds these publications;
  /// others that it was given have not arrived and wait again.
  void publisher_here(uint32_t slot, bool connected, uint32_t window, const std::vector<uint64_t>& holds);
  /// It is gone, with all it held.
  void publisher_gone(uint32_t slot);
  /// A new outbox knows of no publisher until it states itself; what is on its way stays so.
  void forget_connections();

  /// What the publisher of this slot can take now, oldest first.
  std::vector<messages::outgoing> take(uint32_t slot);

  /// What became of publications given to this slot; unknown ids are ignored.
  void settle(uint32_t slot, const std::vector<messages::settlement>& items);

  /// At the end: nothing waits or is on its way any more.
  void drop_all(std::string_view reason);

  bool empty() const { return waiting_ + in_flight_.size() == 0; }
  size_t waiting() const { return waiting_; }
  size_t in_flight() const { return in_flight_.size(); }
  uint64_t bytes() const { return bytes_; }
  /// Somebody takes from it, and it is filled above the watermark: ask for no more.
  bool congested() const;

private:
  struct item {
    publication_ptr content;
    uint32_t returns = 0; ///< how often the connection ended over it
  };
  using queue = std::map<uint64_t, item>; ///< waiting, by id
  struct lane {
    queue events;
    queue states;
    size_t in_flight = 0;
    uint32_t slot = 0; ///< the publisher that serves it
  };
  struct sent {
    item what;
    uint32_t lane = 0;
    uint32_t slot = 0;
  };
  struct publisher {
    bool connected = false;
    uint32_t window = 0;
    size_t messages = 0; ///< on their way
    bool alone = false;  ///< a suspect is on its way: nothing else until it has arrived
  };
  /// Batches accepted from one source: all below `below`, and these.
  struct seen {
    uint64_t below = 0;
    std::set<uint64_t> numbers;
  };

  bool first_time(const messages::encoded_batch& batch);
  void wait(uint64_t id, uint32_t lane, const item& x);
  sent leave(std::unordered_map<uint64_t, sent>::iterator i);
  void take_back(std::unordered_map<uint64_t, sent>::iterator i);
  void evict();
  void drop_waiting(queue& from, uint64_t id, std::string_view reason);
  bool serves(uint32_t slot, lane& l);

  outbox_options options_;
  runtime::ledger& book_;
  uint64_t last_id_ = 0;
  uint64_t bytes_ = 0;
  size_t waiting_ = 0;
  std::vector<lane> lanes_;
  std::vector<publisher> publishers_;
  std::unordered_map<std::string, uint64_t> newest_state_; ///< `replaces` -> id of the waiting one
  std::unordered_map<uint64_t, sent> in_flight_;
  std::unordered_map<uint64_t, seen> seen_; ///< by source
};

} // namespace senseflow::actors
