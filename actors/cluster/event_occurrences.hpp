// How often each datagram has come, here and elsewhere: what makes two copies one event.
//
// Sense sends each event to several nodes. Log events carry a row and a time, user events do not: equal bytes
// are not the same event. So an event is (hash, k): the k-th datagram with these bytes. Each node counts by
// itself, which comes to the same on all of them as long as no datagram is lost.
//
// Where it does not, this is why at worst an event is published twice, and none is lost:
// - What is published of a hash is each k that any node has; a node's k have no gap and never repeat while its
//   counter lives. So of n equal datagrams at least as many are published as the node with the most has got.
// - A node that counts less (it came later, was restarted, missed a datagram) learns: its counter follows what
//   others announce. Until then its copy has a k that others had before. Such a copy is only taken for known
//   if its k is announced while it is held, or was announced within `pairing` before it came; later
//   announcements of a k that was counted already say nothing.
// - A node that counts more has a k that nobody announces: it publishes it when its time is up.
// - An announcement without a copy waits `pairing` for one that was delayed on its way; a copy that comes then
//   is that one. An announcement of what had come long before (its sender says so, or the broker has kept it
//   for us), or that comes within `pairing` of our start, waits for none: that copy was lost, or too early.
// - Counters live longer than all that refers to them: an announcement without a copy is forgotten with its
//   counter, never later. So no id is given to a second event while somebody may still take it for the first.
//   Where nodes forget at different times (`window`, or `most`), their k differ from there: see above.
// Left is what nobody can tell apart: two equal datagrams within `pairing`, of which one node has lost the
// first and the other one the second; and a user event that comes in the moment between a restart and the
// reading of what the broker has kept, with the bytes of one that was announced meanwhile: that is taken for
// its announcement, and lost if it has reached this node only.
#pragma once

#include "messages/items/event_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe. Bounded, whatever others announce.
class event_occurrences {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct options {
    size_t most = 200'000;                   ///< counters, of 100 bytes each
    std::chrono::seconds window{600};        ///< after the last of equal datagrams, a counter is forgotten
    std::chrono::milliseconds pairing{2000}; ///< a copy comes at most so much later than its announcement
  };
  static constexpr uint32_t largest = 1'000'000; ///< occurrence that is believed
  static constexpr size_t most_unpaired = 64;    ///< announcements of one hash without a copy

  event_occurrences(options o, time_point start) : options_(o), pairs_from_(start + o.pairing) {}

  struct arrival {
    messages::event_id id;
    bool published = false; ///< elsewhere: the copy is not needed
  };
  /// A datagram has come.
  arrival arrived(uint64_t hash, time_point now);

  /// Another node has published it, and a copy of ours is not known. `recent`: one may still come.
  void published(const messages::event_id& x, bool recent, time_point now);

  /// Another node has it, and is going to publish it.
  void seen(const messages::event_id& x, time_point now);

  /// It was announced as published, and no copy has come: true once.
  bool take_published(const messages::event_id& x);

  size_t size() const { return records_.size(); }

private:
  struct unpaired {
    uint32_t occurrence;
    bool published;
    bool pairs; ///< with a copy to come
    time_point since;
  };
  struct record {
    uint32_t count = 0;
    time_point last{};
    std::vector<unpaired> announced = {}; ///< not more than `most_unpaired`, the newest
  };
  record& of(uint64_t hash, time_point now);
  void announced(const messages::event_id& x, bool published, bool pairs, time_point now);
  void forget_old(time_point now);

  options options_;
  time_point pairs_from_;
  std::unordered_map<uint64_t, record> records_;
  std::deque<std::pair<time_point, uint64_t>> by_age_; ///< each record once, by when it was looked at last
};

} // namespace senseflow::actors
