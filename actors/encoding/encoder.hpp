// A worker of the encoder pool: turns items into publications, by the rules of the configuration.
#pragma once

#include "actors/app_table.hpp"
#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "messages/encode/availability.hpp"
#include "messages/encode/health.hpp"
#include "messages/encode/log_event.hpp"
#include "messages/encode/server_event.hpp"
#include "messages/encode/sessions.hpp"
#include "messages/encode/user_event.hpp"
#include "runtime/snapshot.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace senseflow::actors {

struct encoder_options {
  messages::health_options health;
  messages::session_options sessions;
  messages::user_event_options user_events;
  messages::log_event_options log_events;
  messages::availability_options availability;
  messages::server_event_options server_events;
  bool app_names = true; ///< false: nothing is known of app names, whatever the table holds
};

/// Shared by all workers; each batch is encoded by the options of the moment.
using encoder_rules = runtime::snapshot<encoder_options>;

/// All items of the batch, each as a publication or as ended. An item that can't be encoded (a defect of
/// ours) ends alone, as dropped with the reason `encoding_failed`.
messages::encoded_batch encode(const messages::item_batch& batch, const encoder_options& options,
                               const messages::app_names& apps);

struct encoder_state {
  static inline const char* name = "encoder";

  encoder_state() {}

  std::shared_ptr<const encoder_rules> rules;
  std::shared_ptr<const app_table> apps;
};

/// - Answers every batch with its encoded form; keeps nothing. Ordering: as in the batch, per class.
/// - Blocking: none.
encoder_actor::behavior_type encoder(encoder_actor::stateful_pointer<encoder_state> self, std::string title,
                                     std::shared_ptr<const encoder_rules> rules,
                                     std::shared_ptr<const app_table> apps);

} // namespace senseflow::actors
