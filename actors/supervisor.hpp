// Starts, watches and restarts actors: OTP's supervisor, with a back-off.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/backoff.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::actors {

enum class restart_type {
  permanent, ///< always restarted
  transient, ///< restarted after an abnormal end
  temporary  ///< never restarted
};

enum class restart_strategy {
  one_for_one, ///< only the failed child
  rest_for_one ///< and the children that were started after it
};

enum class stop_order {
  reverse, ///< one after the other, the last started first
  together ///< all at the same time: for children that don't depend on each other
};

struct child_spec {
  std::string name; ///< unique among its siblings
  std::function<supervised_actor(caf::actor_system&)> start;
  restart_type restart = restart_type::permanent;
  std::chrono::milliseconds stop_timeout{5000}; ///< for a clean end, then it is killed
  std::string version = {}; ///< what it was made from: a child with another one is replaced by a new plan
  bool heir = false;        ///< goes on with all that its predecessor had: replaced without a clean end
  /// Tells a running child of a new plan instead of replacing it: for child supervisors.
  std::function<void(const supervised_actor&)> adapt = {};
};

struct supervisor_options {
  std::string path; ///< its own name in the tree; empty for the root
  restart_strategy strategy = restart_strategy::one_for_one;
  stop_order stop = stop_order::reverse;
  uint32_t max_restarts = 10; ///< within `period`; one more and the supervisor gives up and ends
  std::chrono::milliseconds period{60000};
  runtime::backoff_options backoff;
  std::chrono::milliseconds stable_after{60000}; ///< a run of this length resets the back-off
  std::chrono::milliseconds ping_interval{5000};
  std::chrono::milliseconds hang_timeout{30000}; ///< a ping unanswered for this long is a failure
  /// For the clean end of a child that is not wanted any more while the others go on: there is no hurry.
  std::chrono::milliseconds removal_timeout{60000};
};

/// All that can change while a supervisor runs.
struct supervisor_plan {
  supervisor_options options;
  std::vector<child_spec> children;
};

struct supervisor_state {
  static inline const char* name = "supervisor";
  using time_point = caf::actor_clock::time_point;

  struct child {
    child_spec spec;
    supervised_actor handle; ///< null unless running
    uint64_t generation = 0; ///< of the incarnation: timers of earlier ones are void
    uint64_t restarts = 0;
    bool pinged = false; ///< an answer is outstanding
    bool due = false;    ///< waits for its restart
    bool timed = false;  ///< by its own timer, not by that of a sibling
    bool going = false;  ///< to be stopped, then
    bool wanted = true;  ///< started anew, or else forgotten
    time_point started{};
    time_point stop_deadline{};
    bool killed = false;
    runtime::backoff delay;
  };

  supervisor_state() {}

  context_ptr env;
  supervisor_options options;
  std::list<child> children;       ///< in the order of the plan
  std::deque<time_point> failures; ///< within the period
  uint64_t generations = 0;        ///< incarnations of all children
  bool stopping = false;
  bool watching = false; ///< a look at the deadlines is due

  /// The running children, for the moment when the supervisor itself ends whatever the reason.
  struct running_children {
    std::mutex mutex;
    std::map<caf::actor_id, caf::actor_addr> addresses;
  };
  std::shared_ptr<running_children> running;
};

/// Keeps its children running.
/// - Starts them in the order given and registers each as `<path>/<name>`.
/// - A failed child is restarted after its back-off; more than `max_restarts` failures within `period` end
///   the supervisor with `sec::runtime_error`, which is a failure for its own supervisor.
/// - A child that does not answer its ping is killed, abandoned and replaced.
/// - A new plan: new children are started, those not wanted any more are stopped as `stop_order` says and
///   forgotten, those with another version are stopped and started from the new specification (at once, and
///   not a failure; after a failed one: with its restart), the others go on. With rest-for-one, those after
///   a stopped one are replaced too.
/// - exit `user_shutdown`: stops the children as `stop_order` says, then ends; plans are ignored from then
///   on. Its end, whatever the reason, ends its children.
/// - Counts `restarts_total{child}`, `hangs_total{child}`, `replacements_total{child}`. Blocking: none.
supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
                                           context_ptr env, supervisor_options options,
                                           std::vector<child_spec> children);

} // namespace senseflow::actors
