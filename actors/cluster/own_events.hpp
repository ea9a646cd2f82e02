// Events that this node publishes, and what of them the others are still to be told.
#pragma once

#include "actors/cluster/event_digest.hpp"
#include "messages/items/event_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
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
  explicit own_events(std::chrono::milliseconds patience, uint64_t incarnation = 0)
      : patience_(patience), incarnation_(incarnation) {}

  /// `late`: it came long ago.
  void began(const messages::event_id& x, time_point now, bool late = false);
  /// Also of what an earlier process began.
  void ended(const messages::event_id& x, bool published, time_point now);
  /// Some of the open ones were lost: others are to publish all of them. How many.
  size_t abandon_all();
  /// Another node has published it: there is nothing to tell.
  void forget(const messages::event_id& x);
  /// Another node has published it, too: false if it is not open.
  bool elsewhere(const messages::event_id& x);
  /// It is: true once, and it has come to its end.
  bool take_elsewhere(const messages::event_id& x);

  bool open(const messages::event_id& x) const { return open_.count(x) > 0; }
  size_t open() const { return open_.size(); }

  /// What is to be announced now; or a sign of life, while promises are open.
  std::optional<event_digest> digest(time_point now);
  static constexpr std::chrono::seconds sign_of_life{1}; ///< at least so often

  /// The next ones to announce.
  std::vector<event_digest::entry> take(size_t n, time_point now);
  bool anything_to_tell() const { return !to_tell_.empty(); }
  size_t left_out() const { return left_out_; }

private:
  struct event {
    time_point since;
    bool late;
    bool elsewhere;
    bool promised; ///< announced as accepted
  };
  void tell(event_fate what, const messages::event_id& x);

  std::chrono::milliseconds patience_;
  uint64_t incarnation_;
  uint64_t number_ = 0; ///< of the last digest
  time_point told_{};   ///< when that was
  std::unordered_map<messages::event_id, event, messages::event_id_hash> open_;
  std::deque<std::pair<time_point, messages::event_id>> by_age_; ///< not announced, or at their end
  std::deque<event_digest::entry> to_tell_;
  size_t promised_ = 0;
  size_t left_out_ = 0;
};

} // namespace senseflow::actors
