// Tells Home Assistant which devices there are, as a source of its own.
#pragma once

#include "actors/context.hpp"
#include "actors/home_assistant/devices.hpp"
#include "actors/interfaces.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace senseflow::actors {

struct discovery_options {
  device_options devices;
  std::string birth_topic; ///< where Home Assistant says that it is there
  std::chrono::milliseconds tick{1000};
  /// So long after a birth nothing is said: at random between them, so that not all do it at once.
  std::chrono::milliseconds birth_delay_min{2000}, birth_delay_max{10000};
  /// The device of this topic was removed by others, or is there again: whether its document may go out once
  /// more when a broker has forgotten it.
  std::function<void(const std::string& topic, bool let_go)> let_go = [](const auto&, bool) {};
  /// Another program publishes these devices, too: what belongs to them is not only ours. None: that is over.
  std::function<void(const std::set<std::string>& topics)> in_dispute = [](const auto&) {};
};

/// What outlives the actor: what was told, and what the outbox has not accepted yet.
struct discovery_memory {
  explicit discovery_memory(uint64_t number) : source(number) {}

  uint64_t source;
  uint64_t last_number = 0;
  std::optional<messages::encoded_batch> batch;
  actors::devices devices;
  std::optional<std::chrono::steady_clock::time_point> birth_due; ///< a birth is to be answered then
  struct {
    std::set<std::string> topics; ///< of devices
    std::chrono::steady_clock::time_point until{};
    bool alarmed = false;
  } dispute;
  bool ask_for_states = false; ///< behind them
};
using discovery_estate = runtime::estate<discovery_memory>;

struct discovery_state {
  static inline const char* name = "discovery";

  discovery_state() {}

  context_ptr env;
  discovery_options options;
  discovery_estate::lease own;
  outbox_actor asked;               ///< its answer is outstanding
  std::optional<size_t> in_dispute; ///< so many topics were told to be
  std::minstd_rand random{std::random_device{}()};
  runtime::log::cause_limiter causes;
};

/// - Takes: what others say at the birth topic and at the topics of devices; the wish for all documents.
/// - Sends: documents that are new or have changed, to the outbox, as items of class `node`: in the ledger
///   like any other. After a birth: to the first publisher the wish that it says once more that this node is
///   there (over any other connection that might pass its farewell), all documents, then the wish for all
///   states. The same, but for presence, when another program has cleared what was in dispute: it gives way.
/// - Ordering: a document that removes entities goes before the one without them, in one publication.
/// - Backpressure: while the outbox has not accepted one batch there is no next one; a batch has at most 50
///   documents. What is heard is answered at once.
/// - Errors: an outbox that was restarted is asked again with the next tick. What others put in the place of a
///   document is told after some seconds, with an alarm, `device_disputed`, for ten minutes, and replaced after
///   one, or when all documents are due. A device that somebody has removed stays removed, whoever polls its
///   server, until the configuration changes it, Home Assistant is born, or the program is started again:
///   a node that was not there then knows nothing of it.
/// - Counts: `home_assistant_documents_total`, `home_assistant_births_total`,
///   `home_assistant_removed_total`, `home_assistant_disputed_total`.
/// - Blocking: none.
/// - Restart: permanent; what was told is `own`'s, a batch that was not accepted is counted once.
discovery_actor::behavior_type discovery(discovery_actor::stateful_pointer<discovery_state> self,
                                         context_ptr env, discovery_options options,
                                         std::shared_ptr<discovery_estate> own);

} // namespace senseflow::actors
