// Items to publications, by the rules of the configuration. Pure functions.
#pragma once

#include "messages/encode/availability.hpp"
#include "messages/encode/health.hpp"
#include "messages/encode/insight.hpp"
#include "messages/encode/log_event.hpp"
#include "messages/encode/server_event.hpp"
#include "messages/encode/sessions.hpp"
#include "messages/encode/user_event.hpp"
#include "messages/flow.hpp"
#include "runtime/snapshot.hpp"

namespace senseflow::actors {

struct encoding_options {
  messages::health_options health;
  messages::session_options sessions;
  messages::user_event_options user_events;
  messages::log_event_options log_events;
  messages::availability_options availability;
  messages::server_event_options server_events;
  messages::insight_options insights;
  messages::shared_text node; ///< this one, in publications of events that several nodes share
  bool app_names = true;      ///< false: nothing is known of app names, whatever the table holds
};

/// Replaced as a whole by a reload; each batch is encoded by the options of the moment.
using encoding_rules = runtime::snapshot<encoding_options>;

/// All items of the batch in its order, each as a publication or as ended. An item that can't be encoded (a
/// defect of ours) ends alone, as dropped with the reason `encoding_failed`.
messages::encoded_batch encode(const messages::item_batch& batch, const encoding_options& options,
                               const messages::app_names& apps);

} // namespace senseflow::actors
