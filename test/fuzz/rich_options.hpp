// Options with everything in them that a configuration can switch on: all topics and layouts, odd names,
// rules, filters, left-out users.
#pragma once

#include "messages/encode/health.hpp"
#include "messages/encode/log_event.hpp"
#include "messages/encode/sessions.hpp"
#include "messages/encode/user_event.hpp"
#include "messages/items/app_names.hpp"

#include <vector>

namespace senseflow::fuzz {

struct site {
  messages::user_event_options user_events;
  messages::log_event_options log_events;
  messages::health_options health;
  messages::session_options sessions;
};

/// First one that publishes all it can, then one that is choosy. Built once.
const std::vector<site>& sites();

/// The apps of the recordings, some with names that are hard to publish. Built once.
const messages::app_names& apps();

} // namespace senseflow::fuzz
