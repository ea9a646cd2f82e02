// Stands between encoders and publishers; keeps every publication until the broker has it.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/outbox_store.hpp"
#include "runtime/estate.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <vector>

namespace senseflow::actors {

using outbox_estate = runtime::estate<outbox_store>;

struct outbox_state {
  static inline const char* name = "outbox";

  outbox_state() {}

  context_ptr env;
  outbox_estate::lease own;
  std::map<uint32_t, publisher_actor> publishers;              ///< by slot
  std::vector<caf::typed_response_promise<caf::ok_atom>> held; ///< answers that wait for room
  bool draining = false;
};

/// - Takes every batch id once, so that senders may send again whatever was not answered.
/// - Gives each publisher what its window has room for; takes back what a dead publisher held. The store is
///   `own`'s: it outlives this actor, a new incarnation goes on where the old one stopped.
/// - Backpressure: answers to encoders wait while the store is congested.
/// - exit `user_shutdown`: ends when the store is empty (until its supervisor's patience is over).
/// - Counts `publishers_lost_total`. Blocking: none.
outbox_actor::behavior_type outbox(outbox_actor::stateful_pointer<outbox_state> self, context_ptr env,
                                   std::shared_ptr<outbox_estate> own);

} // namespace senseflow::actors
