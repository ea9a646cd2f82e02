// The sending end of a source's edge: items wait here for demand, and batches stay here until the outbox has
// accepted them. Survives its source's crashes, so that none of its items is lost or counted twice.
#pragma once

#include "messages/flow.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace senseflow::actors {

/// Fixed, because items that wait keep their lane when the number of encoders changes.
inline constexpr uint32_t lane_count = 16;

/// Not thread-safe. Items of one lane keep their order.
class outlet {
public:
  /// `source` is unique in the process. `lanes`: what may be encoded side by side.
  outlet(uint64_t source, uint32_t lanes, uint32_t batch_max_items);

  void push(messages::health_sample x);
  void push(messages::session_sample x);
  void push(messages::user_event x);
  void push(messages::log_event x);
  void push(messages::availability_sample x);
  void push(messages::server_event x);

  /// Items not yet sent.
  size_t waiting() const { return waiting_; }
  /// Items sent and not yet accepted.
  size_t on_the_way() const { return on_the_way_; }
  bool empty() const { return waiting_ + on_the_way_ == 0; }

  /// The consumer can take so many more items.
  void grant(uint32_t items) { grant_ += items; }
  uint64_t granted() const { return grant_; }

  /// A batch to send now: as large as waits, at most `batch_max_items` and the grant. None without demand.
  std::optional<messages::item_batch> next();

  /// The batch has arrived at its end; unknown numbers are ignored.
  void accepted(uint64_t number);

  /// Whatever was on its way may have arrived or not: it will be sent again, under the same ids, once the
  /// consumer is found again and states its demand anew.
  void consumer_lost();

  /// Gives away everything that was not accepted, in order; it is empty then.
  std::vector<messages::item_batch> take_all();

private:
  messages::item_list& open(std::string_view origin);
  messages::item_batch seal(uint32_t lane, messages::item_list items);

  uint64_t source_;
  uint32_t batch_max_items_;
  uint64_t last_number_ = 0;
  uint64_t grant_ = 0;
  size_t waiting_ = 0;
  size_t on_the_way_ = 0;
  std::vector<std::deque<messages::item_list>> lanes_;
  uint32_t turn_ = 0;                             ///< the lane that is served next
  std::map<uint64_t, messages::item_batch> sent_; ///< by number
  std::deque<uint64_t> again_;                    ///< numbers in sent_ that must be sent again, in order
};

} // namespace senseflow::actors
