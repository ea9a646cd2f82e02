// Looks, once at the start, for what this installation has left at the broker and does not publish any more.
#pragma once

#include "actors/context.hpp"
#include "actors/inbound/leftover_search.hpp"
#include "actors/interfaces.hpp"
#include "runtime/backoff.hpp"
#include "runtime/log.hpp"
#include "runtime/mqtt/client.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::actors {

struct leftovers_options {
  std::string node, instance;
  std::vector<std::string> filters; ///< of the client's subscriptions
  runtime::backoff_options reconnect{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
  std::chrono::milliseconds quiet{2000};    ///< so long nothing has come: that was all
  std::chrono::milliseconds at_most{10000}; ///< it listens
  size_t most = 10'000;                     ///< topics
  std::chrono::milliseconds disconnect_timeout{1000};
  std::function<std::unique_ptr<runtime::mqtt_client>()>
      make_client; ///< subscribes to what is to be looked at
};

struct leftovers_state {
  static inline const char* name = "leftovers";

  leftovers_state() {}

  context_ptr env;
  leftovers_options options;
  std::unique_ptr<runtime::mqtt_client> client; ///< null: it has looked
  leftover_search search;
  std::chrono::steady_clock::time_point since{}, last{}; ///< of being subscribed; of the last message
  outbox_actor asked;                                    ///< its answer is outstanding
  std::optional<std::chrono::steady_clock::time_point> connect_at; ///< again
  bool told = false;
  runtime::backoff delay;
  runtime::log::cause_limiter causes;
};

/// - Takes: nothing.
/// - Sends: the topics of retained messages that carry this installation's `instance` (MQTT 5) to the outbox,
///   once: it clears those that are not configured. What others clear or replace meanwhile is not among them.
/// - Backpressure: of more than `most` topics nothing is known, which is told.
/// - Errors: connects again until it has looked, with back-off and jitter; a broker that does not let it read is
///   left alone.
/// - Counts: `leftovers_found_total`, `listener_dropped_total{reason}`.
/// - Blocking: when it has looked, up to `disconnect_timeout`.
/// - Restart: permanent; looks once more.
leftovers_actor::behavior_type leftovers(leftovers_actor::stateful_pointer<leftovers_state> self,
                                         context_ptr env, leftovers_options options);

} // namespace senseflow::actors
