// Something that happened to the engine of a Sense server, seen by comparing its answers.
#pragma once

#include "messages/items/polled_by.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/timestamp.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::messages {

enum class server_event_kind : uint8_t { engine_restarted, version_changed };
std::string_view to_string_view(server_event_kind x);

struct server_event {
  std::string server;         ///< the name it has in the configuration: the routing key
  std::string host;           ///< as in health_sample
  caf::timestamp timestamp{}; ///< UTC, when it was noticed
  server_event_kind kind = server_event_kind::engine_restarted;
  std::string old_value; ///< `started` or `version` as Sense writes it, without control characters
  std::string new_value;
  polled_by by = {};
};

bool operator==(const server_event& a, const server_event& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, server_event& x) {
  return f(caf::meta::type_name("server_event"), x.server, x.host, x.timestamp, x.kind, x.old_value,
           x.new_value, x.by);
}

} // namespace senseflow::messages
