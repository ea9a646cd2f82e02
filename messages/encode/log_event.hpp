// Log events: what of them is published, and where.
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/app_names.hpp"
#include "messages/items/log_event.hpp"
#include "messages/rules/category_rules.hpp"
#include "messages/rules/performance_filter.hpp"

#include <array>
#include <optional>
#include <string>

namespace senseflow::messages {

struct log_event_options {
  std::array<bool, log_source_count> sources{}; ///< which are on, by log_source
  std::string tags_json = "{}";                 ///< to_json(tags)
  std::optional<category_rules> categorise;     ///< none = events have no `category`
  performance_filter performance;
  bool app_name_lookup = false; ///< for performance events; off = their `app_name` is ""

  event_topic base;                                        ///< gets every event
  event_topic subsystem_base;                              ///< with the event's subsystem behind it
  std::array<event_topic, log_source_count> source_topics; ///< by log_source
  delivery_options delivery;
};

/// Filters with `source_disabled`, `performance_filter`, `categorise_drop` or `no_topic`. An event whose
/// subsystem gives no level goes to the subsystem's base, unless it goes there already.
encoded encode_log_event(const log_event& event, const log_event_options& options, const app_names& apps);

/// Whether the rules of the configuration let it pass, whatever topics there are for it.
bool accepts(const log_event_options& options, const log_event& event, const app_names& apps);

/// As the event's `app_name` is published.
std::string app_name_of(const std::string& app_id, const log_event_options& options, const app_names& apps);

} // namespace senseflow::messages
