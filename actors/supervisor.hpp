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
};

struct supervisor_state {
  static inline const char* name = "supervisor";
  using time_point = caf::actor_clock::time_point;

  struct child {
    child_spec spec;
    supervised_actor handle; ///< null unless running
    uint64_t generation = 0; ///< counts incarnations; timers of earlier ones are void
    uint64_t restarts = 0;
    bool pinged = false; ///< an answer is outstanding
    bool due = false;    ///< waits for its restart
    time_point started{};
    time_point stop_deadline{};
    bool killed = false;
    runtime::backoff delay;
  };

  supervisor_state() {}

  context_ptr env;
  supervisor_options options;
  std::vector<child> children;     ///< in the order of their start
  std::deque<time_point> failures; ///< within the period
  bool stopping = false;

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
/// the
///   supervisor with `sec::runtime_error`, which is a failure for its own supervisor.
/// - A child that does not answer its ping is killed, abandoned and replaced.
/// - exit `user_shutdown`: stops the children as `stop_order` says, then ends. Its end, whatever the reason,
///   ends its children.
/// - Counts `restarts_total{child}`, `hangs_total{child}`. Blocking: none.
supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
                                           context_ptr env, supervisor_options options,
                                           std::vector<child_spec> children);

} // namespace senseflow::actors
