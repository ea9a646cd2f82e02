// A log event of a Sense service, as it came by UDP: fields separated by `;`, the first one names the source,
// the others are known by their position. One struct per shape, one table per shape (log_fields.hpp) from
// which parsing, JSON, comparison and inspection follow.
#pragma once

#include "messages/items/event_id.hpp"
#include "messages/items/log_fields.hpp"
#include "messages/text/parsed.hpp"

#include <caf/error.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/sec.hpp>
#include <caf/timestamp.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace senseflow::messages {

enum class log_source : uint8_t { engine, proxy, repository, scheduler, qix_perf };
inline constexpr size_t log_source_count = 5;

/// As in the JSON of the event: `qseow-engine`...
std::string_view to_string_view(log_source x);

/// As in the topic of the documented layout: `engine`, `proxy`, `repository`, `scheduler`, `qix-perf`.
std::string_view topic_level(log_source x);

using log_body = std::variant<engine_log, service_log, scheduler_log, qix_perf_log>;

/// The body that events of this source have, empty.
log_body empty_body(log_source x);

struct log_event {
  log_source source = log_source::engine;
  log_body body;             ///< always the alternative of `source`
  caf::timestamp received{}; ///< UTC; filled by the receiver
  event_id id;               ///< likewise, where several nodes share events

  const log_common& common() const;
  /// Where it comes from: the routing key.
  const std::string& host() const { return common().host; }
  /// Null for performance events, which have none.
  const std::string* message() const;
};

bool operator==(const log_event& a, const log_event& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_event& x) {
  const auto body = [&f](auto& shape) { return f(shape); };
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    f(caf::meta::type_name("log_event"), to_string_view(x.source).data(), x.received, x.id);
    std::visit(body, x.body);
  } else {
    if (auto error = f(x.source, x.received, x.id)) return error;
    if constexpr (!Inspector::reads_state) {
      if (static_cast<size_t>(x.source) >= log_source_count)
        return caf::make_error(caf::sec::invalid_argument);
      x.body = empty_body(x.source);
    }
    return std::visit(body, x.body);
  }
}

/// Reads one datagram, whatever its bytes are. Rejects with `unknown_source`.
parsed<log_event> parse_log_event(std::string_view datagram);

} // namespace senseflow::messages
