// Shows all analyses what was encoded, and publishes what they find.
#pragma once

#include "actors/context.hpp"
#include "actors/insight_feed.hpp"
#include "actors/insights/analyses.hpp"
#include "actors/interfaces.hpp"
#include "actors/outlet.hpp"
#include "actors/outlet_link.hpp"
#include "runtime/estate.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace senseflow::actors {

struct analyst_options {
  std::shared_ptr<insight_feed> feed;
  std::vector<analysis_spec> analyses;
  std::chrono::milliseconds tick{1000};
  std::chrono::milliseconds timeout{30000}; ///< of the encoder's answers
  size_t max_waiting = 1000;                ///< insights; beyond it analyses keep theirs
  /// In a cluster: whether the server that it is about is still this node's; null: it is.
  std::function<bool(const messages::insight&)> ours;
};

/// What outlives the actor: insights on their way, and what the analyses know.
struct analyst_estate {
  explicit analyst_estate(std::shared_ptr<runtime::estate<outlet>> o) : items(std::move(o)) {}

  std::shared_ptr<runtime::estate<outlet>> items;
  std::shared_ptr<runtime::estate<analyses>> known = std::make_shared<runtime::estate<analyses>>();
};

struct analyst_state {
  static inline const char* name = "analyst";

  analyst_state() {}

  context_ptr env;
  analyst_options options;
  outlet_link<analyst_actor::pointer> link;
  runtime::estate<analyses>::lease known;
  bool stopping = false;
};

/// - Takes: `wake_atom` from the encoder: something waits in the feed, which it empties. On exit `user_shutdown`
///   it looks once more and ends when all insights were accepted.
/// - Sends: insights to the encoder, `received` in the ledger.
/// - Ordering: batches as they were encoded; the insights of an analysis in its order.
/// - Backpressure: the feed is bounded, the encoder skips what has no room in it. While `max_waiting` insights
///   wait for demand, analyses are shown everything but not asked.
/// - Errors: an analysis that throws begins anew, alone.
/// - Counts: `insight_items_skipped_total` (by the encoder), `insight_batches_repeated_total`,
///   `insight_failures_total{analysis}`, `insights_disowned_total` (the server is another node's now),
///   `edge_lost_total{edge}`, and what the analyses count.
/// - Blocking: none.
/// - Restart: permanent; what is known outlives it.
analyst_actor::behavior_type analyst(analyst_actor::stateful_pointer<analyst_state> self, context_ptr env,
                                     analyst_options options, std::shared_ptr<analyst_estate> own);

} // namespace senseflow::actors
