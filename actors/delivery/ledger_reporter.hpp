// Publishes the ledger, or something else that a node tells of itself, as a source of its own.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/accounting/ledger_report.hpp"
#include "runtime/estate.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace senseflow::actors {

struct ledger_reporter_options {
  messages::shared_text topic;
  uint8_t qos = 0;
  bool retain = true;
  std::chrono::milliseconds interval{60000};
  runtime::ledger_report_options report;
  std::function<std::string()> document; ///< published instead of the ledger; null: it is the ledger
};

/// A report that the outbox has not accepted yet; outlives the actor, so that it is accounted for once.
struct unaccepted_report {
  uint64_t source = 0;
  uint64_t last_number = 0;
  std::optional<messages::encoded_batch> batch;
};
using ledger_reporter_estate = runtime::estate<unaccepted_report>;

struct ledger_reporter_state {
  static inline const char* name = "ledger";

  ledger_reporter_state() {}

  context_ptr env;
  ledger_reporter_options options;
  ledger_reporter_estate::lease own;
  outbox_actor asked; ///< its answer is outstanding
};

/// - Sends: one report at once, then every `interval`, as an item of class `node`: in the ledger like any other.
/// - Backpressure: while the outbox has not accepted one there is no next one.
/// - Errors: an outbox that was restarted is asked again with the next interval.
/// - Blocking: none.
/// - Restart: permanent; a report that was not accepted is `own`'s, and is counted once.
ledger_reporter_actor::behavior_type
ledger_reporter(ledger_reporter_actor::stateful_pointer<ledger_reporter_state> self, context_ptr env,
                ledger_reporter_options options, std::shared_ptr<ledger_reporter_estate> own);

} // namespace senseflow::actors
