// Stands between encoders and publishers; keeps every publication until the broker has it.
#pragma once

#include "actors/context.hpp"
#include "actors/delivery/outbox/store.hpp"
#include "actors/interfaces.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"
#include "runtime/snapshot.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

namespace senseflow::actors {

using outbox_estate = runtime::estate<outbox_store>;

struct outbox_actor_options {
  std::chrono::milliseconds drain_timeout{5000}; ///< at the stop; a quarter of it in any case
  /// When all is to have stopped, as soon as that is known (else 0; null: never): what sources do not need of
  /// the time is the outbox's.
  std::shared_ptr<const std::atomic<std::chrono::steady_clock::time_point>> stop_by;
  std::chrono::milliseconds tick{50};          ///< for what depends on time: replay, outages
  std::chrono::milliseconds tick_at_rest{500}; ///< while nothing does
  /// Replaced before anything can be published by the new rules; null: no topic is ever cleared.
  std::shared_ptr<const runtime::snapshot<retained_topics>> retained;
  /// What of unchanged state is not published again; null: all is.
  std::shared_ptr<const runtime::snapshot<on_change_options>> on_change;
  /// How many events are kept to be repeated on request; null: none.
  std::shared_ptr<const runtime::snapshot<recent_events_options>> recent;
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
  uint64_t bypassed = 0;     ///< as last counted
  retained_state::counts retained;
  std::shared_ptr<const retained_topics> configured;   ///< as the store knows it
  std::shared_ptr<const on_change_options> on_change;  ///< likewise
  std::shared_ptr<const recent_events_options> recent; ///< likewise
  uint64_t asked_for_all = 0;                          ///< as it was seen last
  sent_values::counts last_sent;                       ///< as they were counted last
  runtime::log::cause_limiter trouble;
  std::shared_ptr<runtime::work_meter> work;
  runtime::stopwatch_turn refuses; ///< demand
  std::chrono::steady_clock::time_point notice_due{};
  std::chrono::steady_clock::time_point next_tick{}; ///< earlier ones may come, and arm no other
  bool draining = false;
  std::chrono::steady_clock::time_point drain_until{};
};

/// - Takes: batches, each once and a source's in order, so that senders may send again whatever was not
///   answered; publishers' states and settlements; the spool's answers; that what was published is to go
///   out once more. Exit `user_shutdown`: ends when the store is empty, when nobody takes from it and the
///   disk takes the rest, or when its time is up.
/// - Sends: to each publisher what its window has room for; to the spool what the store says.
/// - Ordering: that of the store, see README.md.
/// - Backpressure: answers to sources wait while the store is congested.
/// - Errors: what a dead publisher held waits again; a spool that was restarted is asked again.
/// - Counts: `publishers_lost_total`, `spool_failures_total{status}`, `journal_bypassed_total`,
///   `state_sent_anew_total`, `state_not_remembered_total`, `retained_cleared_total`, `edge_lost_total{edge}`;
///   `messages_unchanged_total` (not sent for it), `unchanged_not_remembered_total`.
/// - Blocking: none.
/// - Restart: permanent; the store is `own`'s: a new incarnation goes on where the old one stopped.
outbox_actor::behavior_type outbox(outbox_actor::stateful_pointer<outbox_state> self, context_ptr env,
                                   outbox_actor_options options, std::shared_ptr<outbox_estate> own);

} // namespace senseflow::actors
