// Notices that another program uses this node's name at the broker, and mends what it has left of our presence.
#pragma once

#include "actors/context.hpp"
#include "actors/inbound/namesake_watch.hpp"
#include "actors/interfaces.hpp"
#include "runtime/log.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace senseflow::actors {

/// When subscribers are to be told once more that we are there, since somebody has said that we are not:
/// another program with this name that has ended, say. Soon, unless it is said anyway, as it is with each new
/// connection, but not more often than every few seconds: where two take turns, each says so once for each
/// time that the other goes. Not thread-safe.
class presence_mending {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds after{1}, between{5};

  void denied(time_point now);
  void affirmed() { due_.reset(); }
  bool due(time_point now) const { return due_ && now >= *due_; }
  void mended(time_point now);

private:
  std::optional<time_point> due_, last_;
};

struct namesake_options {
  std::string node, instance;
  std::string presence_topic{}; ///< where it is said whether this node is there; "" = nowhere
  bool watch = true;            ///< for namesakes; else for presence only
  std::chrono::milliseconds tick{1000};
};

struct namesake_state {
  static inline const char* name = "namesake";

  namesake_state() {}

  context_ptr env;
  namesake_options options;
  namesake_watch watch;
  presence_mending presence;
  runtime::log::limiter often{std::chrono::minutes(10)};
};

/// - Takes: what anybody says at the topics of this node.
/// - Sends: to the first publisher, while it has a connection, the wish that it says once more that this node
///   is there, when somebody has said that it is not, or has cleared that, and for a second nobody says that
///   it is. What else was heard the notice and the log tell, the latter once in ten minutes.
/// - Errors: none.
/// - Counts: `namesake_messages_total`, `presence_mended_total`.
/// - Blocking: none.
/// - Restart: permanent; has to hear a message of its own once more.
namesake_actor::behavior_type namesake(namesake_actor::stateful_pointer<namesake_state> self, context_ptr env,
                                       namesake_options options);

} // namespace senseflow::actors
