#include "actors/delivery/spooler.hpp"

#include "actors/context.hpp"
#include "actors/supervised.hpp"

namespace senseflow::actors {

spool_actor::behavior_type spooler(spool_actor::stateful_pointer<spooler_state> self,
                                   std::shared_ptr<spool_estate> own) {
  self->state.own = spool_estate::enter(own);
  tell_crashes(self);
  return {
      answer_ping(),
      crash_on_request(),
      [self](const messages::spool_commit& x) {
        return self->state.own.with([&](auto& spool) { return spool->commit(x); });
      },
      [self](const messages::spool_read& x) {
        return self->state.own.with([&](auto& spool) { return spool->read(x); });
      },
  };
}

} // namespace senseflow::actors
