// Events that this node publishes, and what of them the others are still to be told.
#pragma once

#include "actors/cluster/event_digest.hpp"
#include "messages/items/event_id.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe. Bounded: what is too much is not announced, and so may be published twice.
class own_events {
public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr size_t most = 200'000;

  /// What has not come to its end after `patience` is announced as accepted.
  explicit own_events(std::chrono::milliseconds patience) : patience_(patience) {}

  /// `late`: it came long ago.
  void began(const messages::event_id& x, time_point now, bool late = false);
  /// Also of what an earlier process began.
  void ended(const messages::event_id& x, bool published, time_point now);
  /// Another node has published it: there is nothing to tell.
  void forget(const messages::event_id& x);
  bool open(const messages::event_id& x) const { return open_.count(x) > 0; }
  size_t open() const { return open_.size(); }

  /// The next ones to announce.
  std::vector<event_digest::entry> take(size_t n, time_point now);
  bool anything_to_tell() const { return !to_tell_.empty(); }
  /// Some were announced as accepted, and have not come to their end.
  bool promises() const { return promised_ > 0; }
  size_t left_out() const { return left_out_; }

private:
  struct event {
    time_point since;
    bool late;
    bool promised; ///< announced as accepted
  };
  void tell(event_fate what, const messages::event_id& x);

  std::chrono::milliseconds patience_;
  std::unordered_map<messages::event_id, event, messages::event_id_hash> open_;
  std::deque<std::pair<time_point, messages::event_id>> by_age_; ///< not announced, or at their end
  std::deque<event_digest::entry> to_tell_;
  size_t promised_ = 0;
  size_t left_out_ = 0;
};

} // namespace senseflow::actors
