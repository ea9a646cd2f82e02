// The shapes of log events and the table of each: name, member, kind and maximal length of every field, in
// the order in which they come by UDP and go into JSON.
#pragma once

#include "messages/items/log_reading.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace senseflow::messages {

/// Texts are valid UTF-8 without control characters and already cut; what was missing or unusable is "".
/// All numbers are doubles, as they are for JavaScript, whose output this must equal.
struct log_common {
  double row = -1;
  std::string ts_iso;
  std::string ts_local;
  std::string level;
  std::string host;
  std::string subsystem;
  std::string windows_user;
  std::string user_directory;
  std::string user_id;
  std::string user_full; ///< `directory\id`
};

struct engine_log : log_common {
  std::string message;
  std::string proxy_session_id;
  std::string engine_ts;
  std::string process_id;
  std::string engine_exe_version;
  std::string server_started;
  std::string entry_type;
  std::string session_id;
  std::string app_id;
};

/// Proxy and repository.
struct service_log : log_common {
  std::string message;
  std::string exception_message;
  std::string command;
  std::string result_code;
  std::string origin;
  std::string context;
};

struct scheduler_log : log_common {
  std::string message;
  std::string exception_message;
  std::string task_name;
  std::string app_name;
  std::string task_id;
  std::string app_id;
  std::string execution_id;
};

inline constexpr double no_time = std::numeric_limits<double>::quiet_NaN();

/// Times are in milliseconds, `no_time` where the text was no number; memory is in bytes, -1 if unknown.
struct qix_perf_log : log_common {
  std::string proxy_session_id;
  std::string engine_ts;
  std::string session_id;
  std::string app_id;     ///< "" if it is no lower-case UUID
  std::string raw_app_id; ///< as it came, "" if too long: names and filters know it by any case
  double request_id = -99;
  std::string method;
  double process_time = no_time;
  double work_time = no_time;
  double lock_time = no_time;
  double validate_time = no_time;
  double traverse_time = no_time;
  double handle = -99;
  std::string object_id;
  double net_ram = -1;
  double peak_ram = -1;
  std::string object_type;
  std::string event_activity_source; ///< `user` or `non-user`
};

enum class field_kind : uint8_t {
  text,      ///< cut to `limit` UTF-16 code units
  timestamp, ///< kept as it came if it is one, else ""
  uuid,      ///< kept if it is lower-case hyphenated hex, else ""
  number,    ///< leading integer; below `limit` (unless any will do) or none at all: the member's default
  time,      ///< leading decimal number, else `no_time`
  derived,   ///< not in the datagram
  hidden     ///< neither in the datagram nor in JSON
};

inline constexpr int any_number = std::numeric_limits<int>::min(); ///< as a `limit`: there is none

template <class Shape>
struct log_field {
  std::string_view name; ///< the JSON key
  std::variant<std::string Shape::*, double Shape::*> member;
  field_kind kind = field_kind::text;
  int limit = 0;
  field_form form = field_form::any;
};

template <class Shape>
struct log_fields {
  const log_field<Shape>* first = nullptr;
  const log_field<Shape>* last = nullptr;

  const log_field<Shape>* begin() const { return first; }
  const log_field<Shape>* end() const { return last; }
};

log_fields<engine_log> fields_of(const engine_log&);
log_fields<service_log> fields_of(const service_log&);
log_fields<scheduler_log> fields_of(const scheduler_log&);
log_fields<qix_perf_log> fields_of(const qix_perf_log&);

/// Equal as they would be published: two times that are no number are the same.
template <class T>
bool same_value(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, double>) {
    return a == b || (std::isnan(a) && std::isnan(b));
  } else {
    return a == b;
  }
}

template <class Shape>
using if_log_shape = std::enable_if_t<std::is_base_of_v<log_common, Shape>, int>;

template <class Shape, if_log_shape<Shape> = 0>
bool operator==(const Shape& a, const Shape& b) {
  for (const auto& field : fields_of(a)) {
    const auto same = [&](auto member) { return same_value(a.*member, b.*member); };
    if (!std::visit(same, field.member)) return false;
  }
  return true;
}

/// CAF 0.17 packs doubles in a way that loses NaN, so their bits travel.
template <class Inspector>
typename Inspector::result_type inspect_value(Inspector& f, double& x) {
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    f(x);
  } else {
    uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof x);
    auto error = f(bits);
    std::memcpy(&x, &bits, sizeof x);
    return error;
  }
}

template <class Inspector>
typename Inspector::result_type inspect_value(Inspector& f, std::string& x) {
  return f(x);
}

template <class Inspector, class Shape, if_log_shape<Shape> = 0>
typename Inspector::result_type inspect(Inspector& f, Shape& x) {
  for (const auto& field : fields_of(x)) {
    const auto one = [&](auto member) { return inspect_value(f, x.*member); };
    if constexpr (std::is_void_v<typename Inspector::result_type>) {
      std::visit(one, field.member);
    } else {
      if (auto error = std::visit(one, field.member)) return error;
    }
  }
  return typename Inspector::result_type();
}

} // namespace senseflow::messages
