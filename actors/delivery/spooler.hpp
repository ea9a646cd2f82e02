// The outbox's access to the disk, which may hang: everything that blocks is behind here.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"
#include "runtime/spool/disk.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace senseflow::actors {

/// Opened by the wiring, since ids and the ledger begin with what is in it; outlives the actor.
using spool_estate = runtime::estate<runtime::disk>;

struct spooler_options {
  std::chrono::milliseconds patience{2000}; ///< an answer that takes longer is worth a line in the log
};

template <class Question, class Answer>
struct spool_question {
  Question what;
  caf::typed_response_promise<Answer> answer;
};

struct spooler_state {
  static inline const char* name = "spool";

  spooler_state() {}

  context_ptr env;
  spooler_options options;
  spool_estate::lease own;
  std::optional<spool_question<messages::spool_commit, messages::spool_committed>> commit;
  std::optional<spool_question<messages::spool_read, messages::spool_content>> read;
  bool at_work = false; ///< the disk is
  std::shared_ptr<runtime::work_meter> work;
  runtime::stopwatch_turn waits; ///< for the disk
  std::chrono::steady_clock::time_point began{};
  bool silent = false;   ///< it has been at work for too long
  bool told = false;     ///< and the log says so
  bool watching = false; ///< a `tick_atom` is on its way
  runtime::log::limiter trouble{std::chrono::minutes(1)};
};

/// - Takes: transactions and reads, each answered with what became of it, as soon as the disk has answered. One
///   that comes while another of its kind waits takes its place: who asked that has died.
/// - Ordering: one after the other, transactions first.
/// - Errors: a disk that does not answer for `patience` is in the log, and once more when it does again; not
///   more often than once a minute.
/// - Counts: `spool_silences_total`.
/// - Blocking: none; the disk has a thread of its own, and no more than one, however long it takes.
/// - Restart: permanent; nothing is lost, the outbox asks again.
spool_actor::behavior_type spooler(spool_actor::stateful_pointer<spooler_state> self, context_ptr env,
                                   spooler_options options, std::shared_ptr<spool_estate> own);

} // namespace senseflow::actors
