// Notices that another program uses this node's name at the broker.
#pragma once

#include "actors/context.hpp"
#include "actors/inbound/namesake_watch.hpp"
#include "actors/interfaces.hpp"
#include "runtime/log.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>

namespace senseflow::actors {

struct namesake_options {
  std::string node, instance;
};

struct namesake_state {
  static inline const char* name = "namesake";

  namesake_state() {}

  context_ptr env;
  namesake_options options;
  namesake_watch watch;
  runtime::log::limiter often{std::chrono::minutes(10)};
};

/// - Takes: what anybody says at the topics of this node.
/// - Sends: nothing; the notice and the log say what was heard, the latter once in ten minutes.
/// - Errors: none.
/// - Counts: `namesake_messages_total`.
/// - Blocking: none.
/// - Restart: permanent; has to hear a message of its own once more.
namesake_actor::behavior_type namesake(namesake_actor::stateful_pointer<namesake_state> self, context_ptr env,
                                       namesake_options options);

} // namespace senseflow::actors
