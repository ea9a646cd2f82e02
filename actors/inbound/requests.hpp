// Carries out what others ask of this node over MQTT, and answers.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "messages/requests/request.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"
#include "runtime/snapshot.hpp"
#include "runtime/status/status.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/timestamp.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace senseflow::actors {

struct requests_options {
  std::set<messages::request_command> allow;
  messages::request_topics topics;
  uint32_t most_per_second = 10;
  std::chrono::milliseconds max_age{10000};
  std::string version;
  caf::timestamp started{};
  runtime::log::level level = runtime::log::level::info; ///< as configured
  std::chrono::milliseconds patience{30000};             ///< with those that are asked in turn
  std::function<runtime::node_status()> look;            ///< at the node; must not wait for anybody
  /// Reads the configuration again, elsewhere, and tells what came of it.
  std::function<void(std::function<void(const runtime::reload_fact&)> done)> reload;
};

/// Where an answer goes.
struct requester {
  std::string command, topic, correlation, transaction;
  std::string asked; ///< in the log
};

/// What outlives the actor: a reload may replace it, and the level of the log goes back in any case.
struct open_requests {
  using time_point = std::chrono::steady_clock::time_point;

  struct {
    runtime::log::level now = runtime::log::level::info;
    time_point until{}; ///< 0: as configured
  } log_level;
  /// What came of a reload: nobody may be there when that is told.
  using reload_outcome = runtime::snapshot<std::optional<runtime::reload_fact>>;
  std::shared_ptr<reload_outcome> reloading; ///< null: none was asked for that has not ended
  std::optional<requester> reload;           ///< who waits for that
  time_point reload_until{};
};
using requests_estate = runtime::estate<open_requests>;

struct requests_state {
  static inline const char* name = "requests";

  requests_state() {}

  context_ptr env;
  requests_options options;
  requests_estate::lease own;
  double allowance = 0; ///< requests that may be carried out now
  std::chrono::steady_clock::time_point allowance_at{};
  std::optional<runtime::node_status> newest;
  std::chrono::steady_clock::time_point polls_until{}; ///< a round of polls is under way
  std::map<std::string, runtime::log::limiter> causes; ///< of requests that are left unanswered, by reason
};

/// - Takes: requests that the listener has heard; that a reload has ended, which it also finds by itself.
/// - Sends: answers to the listener; what is asked to pollers, outbox and Home Assistant's discovery.
/// - Ordering: requests begin in the order of their arrival.
/// - Backpressure: a reload and a round of polls at a time; more than `most_per_second` are left unanswered.
/// - Errors: whatever can't be done is answered as an error. Retained and old requests are left unanswered. All
///   are in the log, as far as the configured level has them there: whoever may command can't hide it.
/// - Counts: `requests_total{command,result}` (ok, error), `requests_ignored_total{reason}`.
/// - Blocking: none.
/// - Restart: permanent; requests to others lose their answers, but for a reload. On exit `user_shutdown` the
///   log's level goes back to the configured one.
requests_actor::behavior_type requests(requests_actor::stateful_pointer<requests_state> self, context_ptr env,
                                       requests_options options, std::shared_ptr<requests_estate> own);

} // namespace senseflow::actors
