// Shows the node to whoever asks over HTTP: probes, metrics, status page.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/admin/server.hpp"
#include "runtime/backoff.hpp"
#include "runtime/status/status.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace senseflow::actors {

struct admin_options {
  runtime::admin_server_options server;
  runtime::admin_answers_options answers;     ///< `status` and `counters` are left to the actor
  std::function<runtime::node_status()> look; ///< at the node; must not wait for anybody
  std::chrono::milliseconds interval{1000};
  runtime::backoff_options reopen{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
};

struct admin_state {
  static inline const char* name = "admin";

  admin_state() {}

  context_ptr env;
  admin_options options;
  std::shared_ptr<runtime::snapshot<runtime::node_status>> status;
  std::unique_ptr<runtime::admin_server> server; ///< null: the port is not open
  runtime::backoff delay;
  bool told = false; ///< the log says that it can't be opened
};

/// - Sends: nothing; the server's thread reads the status that is made every `interval`, and waits for nobody.
/// - Errors: a port that can't be opened is tried again with back-off; one log line when it fails, one when it
///   opens after all.
/// - Blocking: none. At its end it waits for an answer that is being made.
/// - Restart: permanent; connections end, the port is opened again.
admin_actor::behavior_type admin(admin_actor::stateful_pointer<admin_state> self, context_ptr env,
                                 admin_options options);

} // namespace senseflow::actors
