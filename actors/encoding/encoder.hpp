// Turns batches of items into publications and hands them on to the outbox.
#pragma once

#include "actors/context.hpp"
#include "actors/insight_feed.hpp"
#include "actors/interfaces.hpp"
#include "runtime/estate.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace senseflow::actors {

/// Every item of the batch, as a publication or as ended.
using encode_function = std::function<messages::encoded_batch(const messages::item_batch&)>;

struct encoder_options {
  uint32_t window = 1000;             ///< items a source may have on their way
  encode_function encode;             ///< must not throw, or else the encoder is restarted
  std::shared_ptr<insight_feed> feed; ///< null: nobody analyses anything
};

/// What an encoder was doing when it died or was given up: known to the next one, which can so tell the item
/// that does it from all others.
class encoding_suspects {
public:
  /// A new incarnation: what was being encoded has ended the former one. False if nothing was.
  bool blame();

  /// The batch has ended encoders twice: its items are to be encoded one by one.
  bool suspect(const messages::batch_id& id) const;
  bool poison(const messages::batch_id& id, size_t item) const;

  void begin(const messages::batch_id& id, std::optional<size_t> item = {}) { at_work_ = {{id, item}}; }
  /// The batch is encoded: nothing is held against it any more.
  void done(const messages::batch_id& id);

private:
  struct record {
    uint32_t deaths = 0;
    std::set<size_t> poison; ///< items, by their place in the batch
  };
  using key = std::pair<uint64_t, uint64_t>; ///< source and number

  std::optional<std::pair<messages::batch_id, std::optional<size_t>>> at_work_;
  std::map<key, record> records_; ///< bounded: the oldest go
};
using encoder_estate = runtime::estate<encoding_suspects>;

struct encoder_state {
  static inline const char* name = "encoder";

  encoder_state() {}

  context_ptr env;
  encoder_options options;
  encoder_estate::lease own;
  outbox_actor outbox;
  std::shared_ptr<runtime::work_meter> work;
};

/// - Takes: `join_atom` from a source, then its batches. Keeps nothing of them: sources send again whatever
///   the outbox has not accepted.
/// - Sends: each batch to the outbox, as a part of the source's request: the outbox answers the source. What was
///   encoded to the feed while that is open, and `wake_atom` to the analyst when it was empty.
/// - Ordering: batches of a source in the order of their arrival, items as in the batch.
/// - Backpressure: `window` items per source; the outbox's answer makes room for more. What has no room in the feed
///   is not shown to the analyst.
/// - Errors: without an outbox, requests are answered with an error. A batch over which two encoders died is
///   encoded item by item, and the item that does it again is dropped, `poison`.
/// - Counts: `poison_items_total`, `batches_retried_total`, `insight_items_skipped_total`.
/// - Blocking: none.
/// - Restart: permanent; what it was encoding is known from `own`.
encoder_actor::behavior_type encoder(encoder_actor::stateful_pointer<encoder_state> self, context_ptr env,
                                     encoder_options options, std::shared_ptr<encoder_estate> own);

} // namespace senseflow::actors
