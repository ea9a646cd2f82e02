// Starts, watches and restarts actors: OTP's supervisor (one-for-one, permanent children), with a back-off.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/running_children.hpp"
#include "actors/supervisor_plan.hpp"

#include <caf/error.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace senseflow::actors {

/// Why a supervisor ends by itself. It ends its own supervisor for the same reason: the limit is one for the
/// whole tree, so that a part that does not work ends the process instead of missing for ever.
inline const caf::error restart_limit_reached{1, caf::atom("supervisor")};

struct supervisor_state {
  static inline const char* name = "supervisor";

  supervisor_state() {}

  context_ptr env;
  supervisor_options options;
  child_list children;                                          ///< in the order of the plan
  std::deque<supervised_child::time_point> failures;            ///< within the period
  uint64_t generations = 0;                                     ///< so many incarnations there were
  std::unordered_map<uint64_t, supervised_child*> incarnations; ///< the latest ones, by generation
  bool stopping = false;                                        ///< for good
  bool watching = false;                                        ///< a look at the deadlines is due
  std::shared_ptr<running_children> running = std::make_shared<running_children>();
};

/// Keeps its children running, each registered as `<path>/<name>`.
/// - Takes: a new plan at any time: new children are started; those that are not in it any more are stopped and
///   forgotten; those with another version are stopped and started from the new specification, at once and
///   without a failure (after a failed one: with its restart); the others go on. Exit `user_shutdown`: stops
///   all children, then ends; plans are ignored from then on.
/// - Sends: pings to its children; the plan to those that adapt to it.
/// - Ordering: children start in the order of the plan, and stop as `stop_order` says.
/// - Errors: a child that ends by itself, can't be started or does not answer a ping has failed and is
///   replaced after its back-off. One failure more than `max_restarts` allows, or a child supervisor to which
///   this has happened: ends with `restart_limit_reached`.
/// - Counts: `restarts_total{child}`, `hangs_total{child}`, `replacements_total{child}`.
/// - Blocking: none.
/// - Restart: its end, whatever the reason, ends its children; its successor starts them anew.
supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
                                           context_ptr env, supervisor_options options,
                                           std::vector<child_spec> children);

} // namespace senseflow::actors
