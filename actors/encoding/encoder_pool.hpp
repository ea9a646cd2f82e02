// Gives batches to encoders and their results to the outbox.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace senseflow::actors {

struct encoder_pool_options {
  uint32_t encoders = 1;                    ///< workers; lane n belongs to worker n modulo this
  uint32_t window = 1000;                   ///< items a source may have on their way
  std::chrono::milliseconds timeout{30000}; ///< of a worker's or the outbox's answer
};

struct encoder_pool_state {
  static inline const char* name = "encoder-pool";

  using promise = caf::typed_response_promise<messages::demand>;

  /// A batch on its way, from a source to the outbox.
  struct job {
    enum class stage { waiting, encoding, encoded, handed_over };
    messages::item_batch batch;
    promise answer;
    stage at = stage::waiting;
    uint32_t kills = 0;      ///< workers that died over it
    uint64_t dispatched = 0; ///< order of the dispatch
    messages::encoded_batch result;
  };

  struct lane {
    std::deque<std::shared_ptr<job>> jobs; ///< in order of arrival
    size_t worker = 0;
  };

  encoder_pool_state() {}

  context_ptr env;
  encoder_pool_options options;
  std::vector<encoder_actor> workers; ///< null: not there at the moment
  std::vector<lane> lanes;
  outbox_actor outbox;
  uint64_t outbox_found = 0; ///< how often: errors of earlier requests say nothing about this time
  uint64_t dispatches = 0;
  bool retrying = false;
};

/// - Sources own their batches until the outbox has accepted them, so that this actor and the encoders can
/// die
///   at any time without a loss: sources then send again, the outbox takes every batch id once.
/// - Ordering: batches of one lane reach the outbox in the order of their arrival. A lane has one encoder at
/// a
///   time, another one only when its own is away.
/// - A batch over which two encoders died is not tried again: its items are dropped, counted `poison`.
/// - Backpressure: `window` items per source; the answer comes when the outbox has accepted.
/// - Counts `batches_retried_total`, `poison_batches_total`. Blocking: none.
encoder_pool_actor::behavior_type encoder_pool(encoder_pool_actor::stateful_pointer<encoder_pool_state> self,
                                               context_ptr env, encoder_pool_options options);

} // namespace senseflow::actors
