// Stands between encoders and publishers; keeps every publication until the broker has it.
#pragma once

#include "actors/context.hpp"
#include "actors/delivery/outbox_store.hpp"
#include "actors/interfaces.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <utility>

namespace senseflow::actors {

using outbox_estate = runtime::estate<outbox_store>;

struct outbox_actor_options {
  std::chrono::milliseconds drain_timeout{5000}; ///< at the stop
  std::chrono::milliseconds tick{50};            ///< for what depends on time: replay, outages
};

struct outbox_state {
  static inline const char* name = "outbox";

  outbox_state() {}

  context_ptr env;
  outbox_actor_options options;
  outbox_estate::lease own;
  std::map<uint32_t, publisher_actor> publishers; ///< by slot
  using answer = caf::typed_response_promise<messages::demand>;
  /// Answers that wait for room, by source and number: a batch that comes again replaces its own.
  std::map<std::pair<uint64_t, uint64_t>, std::pair<answer, messages::demand>> held;
  spool_actor spool;
  uint64_t spool_found = 0;  ///< how often it was found: answers from before mean nothing
  bool commit_armed = false; ///< a `wake_atom` is on its way
  bool spool_in_trouble = false;
  uint64_t bypassed = 0; ///< as last counted
  runtime::log::limiter trouble;
  bool draining = false;
  std::chrono::steady_clock::time_point drain_until{};
};

/// - Takes every batch id once, so that senders may send again whatever was not answered.
/// - Gives each publisher what its window has room for; takes back what a dead publisher held. The store is
///   `own`'s: it outlives this actor, a new incarnation goes on where the old one stopped.
/// - Does with the spool what the store says; a spool that was restarted is asked again.
/// - Backpressure: answers to encoders wait while the store is congested.
/// - exit `user_shutdown`: ends when the store is empty, when nobody takes from it and the disk takes the
/// rest, or
///   after `drain_timeout`.
/// - Counts `publishers_lost_total`, `spool_failures_total{status}`, `journal_bypassed_total`. Blocking:
/// none.
outbox_actor::behavior_type outbox(outbox_actor::stateful_pointer<outbox_state> self, context_ptr env,
                                   outbox_actor_options options, std::shared_ptr<outbox_estate> own);

} // namespace senseflow::actors
