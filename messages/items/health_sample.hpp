// One answer of a Sense server's GET /engine/healthcheck.
#pragma once

#include "messages/items/polled_by.hpp"
#include "messages/text/parsed.hpp"
#include "messages/text/tag.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages {

enum class scalar_kind : uint8_t { absent, text, number, boolean };

/// A JSON scalar and its text: integers with all their digits, other numbers as JavaScript prints them.
struct json_scalar {
  scalar_kind kind = scalar_kind::absent;
  std::string text;
};
inline bool operator==(const json_scalar& a, const json_scalar& b) {
  return a.kind == b.kind && a.text == b.text;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, json_scalar& x) {
  return f(caf::meta::type_name("json_scalar"), x.kind, x.text);
}

/// A JSON array of scalars (null is an absent one).
struct scalar_list {
  bool present = false;
  std::vector<json_scalar> items;
};
inline bool operator==(const scalar_list& a, const scalar_list& b) {
  return a.present == b.present && a.items == b.items;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, scalar_list& x) {
  return f(caf::meta::type_name("scalar_list"), x.present, x.items);
}

/// The values of the answer, in the order of publication. Memory is in MB, cpu in percent.
enum class health_value : uint8_t {
  version,
  started,
  mem_committed,
  mem_allocated,
  mem_free,
  cpu_total,
  session_active,
  session_total,
  apps_calls,
  apps_selections,
  users_active,
  users_total,
  cache_hits,
  cache_lookups,
  cache_added,
  cache_replaced,
  cache_bytes_added,
  saturated
};
inline constexpr size_t health_value_count = 18;

/// The lists of app ids; a scalar where a list belongs is a list of one.
enum class health_list : uint8_t { active_docs, loaded_docs, in_memory_docs };
inline constexpr size_t health_list_count = 3;

/// Where a value stands in the answer.
struct health_place {
  std::string_view group; ///< "" at the top
  std::string_view key;
};
health_place place_of(health_value x);
health_place place_of(health_list x);

struct health_sample {
  std::string server;         ///< the name it has in the configuration: the routing key
  std::string host;           ///< without port; a server tag named `host` replaces it
  caf::timestamp timestamp{}; ///< UTC, when the answer was complete
  caf::timespan duration{};   ///< of the call
  tag_list tags;
  std::array<json_scalar, health_value_count> values;
  std::array<scalar_list, health_list_count> lists;
  polled_by by = {};

  const json_scalar& operator[](health_value x) const { return values[static_cast<size_t>(x)]; }
  json_scalar& operator[](health_value x) { return values[static_cast<size_t>(x)]; }
  const scalar_list& operator[](health_list x) const { return lists[static_cast<size_t>(x)]; }
  scalar_list& operator[](health_list x) { return lists[static_cast<size_t>(x)]; }
};

bool operator==(const health_sample& a, const health_sample& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_sample& x) {
  return f(caf::meta::type_name("health_sample"), x.server, x.host, x.timestamp, x.duration, x.tags, x.values,
           x.lists, x.by);
}

/// Reads the body of an answer; the caller fills in server, host, timestamp, duration and tags. Rejects with
/// `invalid_json` or `not_an_object`. A value that is missing or of a wrong kind is only absent itself.
parsed<health_sample> parse_health(std::string_view body);

} // namespace senseflow::messages
