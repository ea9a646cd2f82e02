// What an analysis has found: its document, ready to be published.
#pragma once

#include "messages/items/polled_by.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::messages {

/// By which analysis. The words are used for metrics.
enum class insight_kind : uint8_t { silence, sessions, storm, performance, memory, clock, certificates };
inline constexpr size_t insight_kind_count = 7;
std::string_view to_string_view(insight_kind x);

struct insight {
  insight_kind kind = insight_kind::silence;
  bool event = false;  ///< an event, each of them counts; else state: retained, its newest counts
  std::string origin;  ///< the Sense server's name or the events' host: the routing key
  std::string topic;   ///< below the base topic; its levels are clean
  std::string payload; ///< a JSON object
  polled_by by = {};
};

bool operator==(const insight& a, const insight& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, insight& x) {
  return f(caf::meta::type_name("insight"), x.kind, x.event, x.origin, x.topic, x.payload, x.by);
}

} // namespace senseflow::messages
