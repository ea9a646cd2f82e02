// User events: what of them is published, and where.
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/app_names.hpp"
#include "messages/items/user_event.hpp"
#include "messages/rules/user_set.hpp"

#include <string>
#include <vector>

namespace senseflow::messages {

/// A topic for events with one command, or, if that is "", for all.
struct user_event_topic {
  event_topic to;
  std::string command; ///< `Start session`, `Stop session`, `Open connection`, `Close connection`
};

struct user_event_options {
  user_set exclude;
  std::string tags_json = "{}"; ///< to_json(tags)
  std::vector<user_event_topic> topics;
  delivery_options delivery;
};

/// Filters with `excluded_user` or `no_topic`.
encoded encode_user_event(const user_event& event, const user_event_options& options, const app_names& apps);

} // namespace senseflow::messages
