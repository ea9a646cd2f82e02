// A supervisor's children: what is planned, what each of them does, and how a new plan changes that. No actor
// in here.
#pragma once

#include "actors/interfaces.hpp"
#include "runtime/backoff.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

enum class stop_order {
  reverse, ///< one after the other, the last started first
  together ///< all at the same time: for children that don't depend on each other
};

struct child_spec {
  std::string name; ///< unique among its siblings
  std::function<supervised_actor(caf::actor_system&)> start;
  std::chrono::milliseconds stop_timeout{5000}; ///< for a clean end, then it is killed
  std::string version = {}; ///< what it was made from: a child with another one is replaced by a new plan
  /// Its state outlives it (estates), so what replaces it goes on from there: it is killed, not asked to end.
  bool replaced_without_draining = false;
  /// Tells a running child of a new plan instead of replacing it: for child supervisors.
  std::function<void(const supervised_actor&)> adapt = {};
};

struct supervisor_options {
  std::string path; ///< its own name in the tree; empty for the root
  stop_order stop = stop_order::reverse;
  /// Failures within `period` (of all children), or of one child in a row; one more is too many.
  uint32_t max_restarts = 10;
  std::chrono::milliseconds period{60000};
  runtime::backoff_options backoff;
  std::chrono::milliseconds stable_after{60000}; ///< a run of this length ends a row of failures
  std::chrono::milliseconds ping_interval{5000};
  std::chrono::milliseconds hang_timeout{30000}; ///< a ping unanswered for this long is a failure
  /// For the clean end of a child that leaves while the others go on: there is no hurry.
  std::chrono::milliseconds removal_timeout{60000};
};

/// All that can change while a supervisor runs.
struct supervisor_plan {
  supervisor_options options;
  std::vector<child_spec> children;
};

enum class child_phase {
  running,
  restarting, ///< has failed, waits for its back-off
  queued,     ///< is to stop when its turn comes
  stopping,   ///< was asked to end
  killed
};

struct supervised_child {
  using time_point = caf::actor_clock::time_point;

  child_spec spec;
  std::string path;        ///< its name in the tree
  bool planned = true;     ///< has it ended after `queued`: it is started again, or else forgotten
  supervised_actor handle; ///< null: there is none (any more)
  child_phase phase = child_phase::running;
  uint64_t generation = 0; ///< of the incarnation: timers of earlier ones are void
  uint64_t restarts = 0;
  uint32_t in_a_row = 0; ///< failures since the latest stable run
  time_point started{};
  time_point alive{};    ///< the latest sign of life
  time_point deadline{}; ///< of `stopping` and `killed`
  runtime::backoff delay;
};

using child_list = std::list<supervised_child>;

supervised_child planned_child(const supervisor_options& options, child_spec spec);

/// Not in the plan any more.
void leave(supervised_child& c);

struct plan_changes {
  std::vector<supervised_child*> added;                 ///< to be started
  std::vector<std::pair<supervised_child*, bool>> kept; ///< and whether its version is another one
};

/// Puts the children in the order of the plan; those that are kept get their new specification, those that are
/// not in it leave, from where they are.
plan_changes merge(child_list& children, const supervisor_plan& plan);

} // namespace senseflow::actors
