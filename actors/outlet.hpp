// The sending end of a source's edge: items wait here for demand, and batches stay here until the outbox has
// accepted them. Survives its source's crashes, so that none of its items is lost or counted twice.
#pragma once

#include "messages/flow.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe. One queue: items leave in the order in which they came, those of a batch list by list.
class outlet {
public:
  /// `source` is unique in the process.
  outlet(uint64_t source, uint32_t batch_max_items) : outlet({source, 0}, batch_max_items) {}
  /// Goes on behind the last batch of another one, which is gone.
  outlet(messages::batch_id last, uint32_t batch_max_items);

  void push(messages::health_sample x);
  void push(messages::session_sample x);
  void push(messages::user_event x);
  void push(messages::log_event x);
  void push(messages::availability_sample x);
  void push(messages::server_event x);
  void push(messages::insight x);

  /// Items not yet sent.
  size_t waiting() const { return waiting_; }
  /// Items sent and not yet accepted.
  size_t on_the_way() const { return on_the_way_; }
  bool empty() const { return waiting_ + on_the_way_ == 0; }
  messages::batch_id last_batch() const { return {source_, last_number_}; }

  /// The consumer can take so many more items.
  void grant(uint32_t items) { grant_ += items; }
  uint64_t granted() const { return grant_; }

  /// A batch to send now: as large as waits, at most `batch_max_items` and the grant. None without demand.
  std::optional<messages::item_batch> next();

  /// The outbox has the batch of this number, and so all before it; unknown numbers are ignored.
  void accepted(uint64_t number);

  /// Whatever was on its way may have arrived or not: it will be sent again, under the same ids, once the
  /// consumer is found again and states its demand anew.
  void consumer_lost();

  /// Gives away everything that was not accepted, in order; it is empty then.
  std::vector<messages::item_batch> take_all();

private:
  messages::item_list& open();

  uint64_t source_;
  uint32_t batch_max_items_;
  uint64_t last_number_;
  uint64_t grant_ = 0;
  size_t waiting_ = 0;
  size_t on_the_way_ = 0;
  std::deque<messages::item_list> lists_; ///< what waits: the next batches
  std::deque<messages::item_batch> sent_; ///< and not accepted, their numbers without a gap
  size_t again_ = 0; ///< from here on `sent_` is to be sent again, if this is not its end
};

} // namespace senseflow::actors
