// Keeps the table of app ids and names, asked from the Sense repository.
#pragma once

#include "actors/app_table.hpp"
#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/http/client.hpp"
#include "runtime/log_changes.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace senseflow::actors {

struct app_directory_options {
  runtime::http_request request;
  std::chrono::milliseconds interval{60000};
  std::shared_ptr<runtime::http_client> http;
};

struct app_directory_state {
  static inline const char* name = "app-directory";

  app_directory_state() {}

  context_ptr env;
  app_directory_options options;
  std::shared_ptr<app_table> table;
  bool in_flight = false;
  runtime::log::changes trouble; ///< told of each answer's error
};

/// - Takes: answers of the HTTP client; asks at once and then every interval. A good answer replaces `table`
///   as a whole.
/// - Backpressure: one request in flight; a due one is skipped while the last one has not ended.
/// - Errors: logged when they change, of each cause one line a minute; the old table stays in use, also when this actor dies.
/// - Counts: `app_list_failures_total{reason}`, `app_list_skipped_total{reason}`.
/// - Blocking: none; HTTP is on its client's thread.
/// - Restart: permanent.
app_directory_actor::behavior_type
app_directory(app_directory_actor::stateful_pointer<app_directory_state> self, context_ptr env,
              app_directory_options options, std::shared_ptr<app_table> table);

} // namespace senseflow::actors
