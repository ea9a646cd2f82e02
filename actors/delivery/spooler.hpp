// The outbox's access to the disk: everything that may block is here.
#pragma once

#include "actors/interfaces.hpp"
#include "runtime/estate.hpp"
#include "runtime/spool/spool.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace senseflow::actors {

/// Opened by the wiring, since ids and the ledger begin with what is in it; outlives the actor.
using spool_estate = runtime::estate<std::unique_ptr<runtime::spool>>;

struct spooler_state {
  static inline const char* name = "spool";

  spooler_state() {}

  spool_estate::lease own;
};

/// - Takes: transactions and reads, each answered with what became of it.
/// - Ordering: one after the other, as they arrive.
/// - Blocking: as long as the disk does; to be spawned detached.
/// - Restart: permanent; nothing is lost, the outbox asks again.
spool_actor::behavior_type spooler(spool_actor::stateful_pointer<spooler_state> self,
                                   std::shared_ptr<spool_estate> own);

} // namespace senseflow::actors
