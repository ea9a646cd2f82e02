// Whom the outbox tells of events that other nodes may have as well, and whom it asks about them.
#pragma once

#include "messages/flow.hpp"
#include "messages/shared_text.hpp"

#include <chrono>

namespace senseflow::actors {

/// A node that publishes what it was told not to makes a duplicate; one that keeps it loses nothing, since
/// another has published it. Thread-safe; nothing blocks. `event` is a publication's `from.event`.
class event_witness {
public:
  using time_point = std::chrono::steady_clock::time_point;
  virtual ~event_witness() = default;

  /// The end of an event: with the broker, or lost here.
  virtual void settled(const messages::shared_text& event, bool published) = 0;
  /// The same before it became a publication, by a rule that holds on every node.
  virtual void ended(const messages::event_id& event) = 0;
  /// Some events were lost, nobody knows which of those that have not come to their end.
  virtual void lost_some() = 0;

  /// Another node has published it: true once, for the caller to end it.
  virtual bool published_elsewhere(const messages::shared_text& event) = 0;

  /// Whether a publisher is connected: told before anything else that happens at a time.
  virtual void broker(bool connected, time_point now) = 0;
  /// False: what others have published while the broker was away is not known yet.
  virtual bool may_send(time_point now) = 0;
};

} // namespace senseflow::actors
