// Events that Sense sends to several nodes: which of them this node publishes, and when.
//
// The owner of an event publishes it at once, and announces it when the broker has it. The others hold their
// copies back: what is announced is dropped, what is not is published when its time is up. So who is taken for
// the owner decides only who goes first: whatever nodes believe of each other, no event is lost for it.
#pragma once

#include "actors/cluster/digest_senders.hpp"
#include "actors/cluster/event_digest.hpp"
#include "actors/cluster/event_occurrences.hpp"
#include "actors/cluster/event_owners.hpp"
#include "actors/cluster/hearing.hpp"
#include "actors/cluster/held_events.hpp"
#include "actors/cluster/own_events.hpp"
#include "actors/cluster/passed_events.hpp"
#include "actors/delivery/outbox/event_witness.hpp"
#include "actors/event_gate.hpp"
#include "messages/cluster_message.hpp"
#include "runtime/accounting/event_counts.hpp"
#include "runtime/accounting/ledger.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

struct shared_events_options {
  std::string node;               ///< this one's name in topics
  std::vector<std::string> group; ///< ids of the nodes that events are sent to; empty = all
  std::chrono::milliseconds hold_back{2000};
  uint64_t max_bytes = 16u << 20;                ///< of what is held back
  std::chrono::milliseconds grace{1000};         ///< more time when the channel is there again
  std::chrono::milliseconds accepted_after{500}; ///< then an event is announced as accepted
  /// A backlog waits at most so long for what others have published meanwhile.
  std::chrono::milliseconds catch_up{2000};
  /// So long without the channel, though the broker takes what is published: nothing is held back any more.
  std::chrono::milliseconds patience{10000};
  /// When somebody has joined: until others may be taken to know it, what has become ours is held back.
  std::chrono::milliseconds settling{500};
  std::chrono::milliseconds last_chance{1000}; ///< at the end, for others to announce what is held
  event_occurrences::options occurrences;
  uint64_t incarnation = 0; ///< another one with each start
  shared_cluster_view view; ///< looked at with each event while this node takes no part; null: never
  std::shared_ptr<passed_events> passed; ///< is given what others have published; null: nobody looks
};

/// Thread-safe; nothing blocks. Receivers ask it (`event_gate`), the outbox tells it (`event_witness`), and
/// `event_twins` makes it go: what it holds outlives that actor. Bounded, whatever others announce.
class shared_events final : public event_gate, public event_witness {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What it takes is accounted for in `book`.
  shared_events(shared_events_options options, runtime::ledger& book, time_point start);

  verdict admit(messages::user_event& x, std::string_view datagram, time_point now) override;
  verdict admit(messages::log_event& x, std::string_view datagram, time_point now) override;

  void settled(const messages::shared_text& event, bool published) override;
  void ended(const messages::event_id& event) override;
  void lost_some() override;
  bool published_elsewhere(const messages::shared_text& event) override;
  void broker(bool connected, time_point now) override;
  bool may_send(time_point now) override;

  /// What others say, or for certain that nothing of it is heard.
  bool hears() const;

  /// With each tick of whoever tells it what is heard.
  void see(const cluster_view& x, time_point now);
  void channel(messages::channel_state x, time_point now);
  /// A digest of another node; what is wrong with it.
  digest_fault heard(const std::string& from, std::string_view digest, time_point now);
  /// To be sent to all others; none if there is nothing to tell, or nobody would hear it.
  std::optional<std::string> next_digest(time_point now);

  /// Gives away what is for this node to publish now, in order of arrival.
  using taker = std::function<void(held_event&&)>;
  void release(time_point now, const taker& to);
  /// What was released has been taken by the next stage: new events of its origins can't overtake it any more.
  void released_are_taken();

  /// The end is near: nothing is held for longer than `last_chance`, or at all.
  void stop(time_point now, bool at_once = false);
  /// Nothing is held, all that was begun has come to its end, and the others were told, as far as they can be.
  bool done(time_point now) const;

  runtime::event_counts counted() const;

private:
  template <class Event>
  verdict judge(Event& x, std::string_view datagram, time_point now);
  bool is_due(const held_event& x, time_point now) const;
  void take_in(const std::string& from, const event_digest::entry& x, time_point now);

  const shared_events_options options_;
  runtime::ledger& book_;
  mutable std::mutex mutex_; // guards all below
  event_occurrences occurrences_;
  event_owners owners_;
  held_events held_;
  own_events own_;
  hearing hearing_;
  digest_senders senders_;
  std::set<std::string> released_; ///< origins whose events wait to be taken
  std::optional<time_point> stop_at_;
  runtime::event_counts counts_;
};

} // namespace senseflow::actors
