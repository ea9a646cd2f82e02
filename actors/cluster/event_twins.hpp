// Publishes events in the place of nodes that did not, and tells the others what this node has published.
#pragma once

#include "actors/cluster/cluster_view.hpp"
#include "actors/cluster/shared_events.hpp"
#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/outlet.hpp"
#include "actors/outlet_link.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace senseflow::actors {

struct event_twins_options {
  std::string node; ///< this one's name in topics
  std::shared_ptr<shared_events> events;
  std::shared_ptr<passed_events> passed; ///< as `events` has it; null: none
  shared_cluster_view view;
  std::chrono::milliseconds tick{100};      ///< between digests
  std::chrono::milliseconds timeout{30000}; ///< of the encoder's answers
  std::chrono::milliseconds stop_timeout{4000};
};

struct event_twins_state {
  static inline const char* name = "event-twins";

  event_twins_state() {}

  context_ptr env;
  event_twins_options options;
  outlet_link<event_twins_actor::pointer> link;
  runtime::event_counts counted; ///< as far as it is among the counters
  runtime::log::cause_limiter trouble;
  bool stopping = false;
  std::chrono::steady_clock::time_point stop_by{};
};

/// - Takes: digests of other nodes; what the channel hears.
/// - Sends: events that are for this node to publish now to the encoder; a digest to the channel every `tick`,
///   if there is something to tell; to the analyses' feed what others have published, and `wake_atom` to the
///   analyst when it was empty.
/// - Ordering: as the events came to this node.
/// - Backpressure: what the encoder does not take waits in `events`, whose memory is bounded.
/// - Errors: a digest that is malformed, or of another format, is counted, and said once a minute.
/// - Counts: `events_suppressed_total`, `events_taken_over_total`, `events_duplicate_possible_total{reason}`,
///   `event_digests_rejected_total{reason}`, `edge_lost_total{edge}`,
///   `insight_items_skipped_total` (of what is for the feed).
/// - Blocking: none.
/// - Restart: permanent; the events are in `options.events`, what was not accepted in `own`. On exit
///   `user_shutdown` others have a moment to announce what is held, then it is published; it ends when the
///   broker has all, and the others know, or after `stop_timeout`.
event_twins_actor::behavior_type event_twins(event_twins_actor::stateful_pointer<event_twins_state> self,
                                             context_ptr env, event_twins_options options,
                                             std::shared_ptr<runtime::estate<outlet>> own);

/// For the end, when no actor lives any more: what is held goes to the outlet.
void settle(shared_events& events, const std::shared_ptr<runtime::estate<outlet>>& own);

} // namespace senseflow::actors
