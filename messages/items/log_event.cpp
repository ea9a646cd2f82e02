#include "messages/items/log_event.hpp"

#include "messages/items/log_reading.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace senseflow::messages {

namespace {

struct source_names {
  std::string_view first_field;
  std::string_view json;
  std::string_view level;
};

constexpr std::array<source_names, log_source_count> names{{
    {"/qseow-engine/", "qseow-engine", "engine"},
    {"/qseow-proxy/", "qseow-proxy", "proxy"},
    {"/qseow-repository/", "qseow-repository", "repository"},
    {"/qseow-scheduler/", "qseow-scheduler", "scheduler"},
    {"/qseow-qix-perf/", "qseow-qix-perf", "qix-perf"},
}};

bool is_on_the_wire(field_kind kind) { return kind != field_kind::derived && kind != field_kind::hidden; }

template <class Shape>
field_forms forms_of(const Shape& shape) {
  field_forms result;
  result.count = 1; // the source
  for (const auto& field : fields_of(shape))
    if (is_on_the_wire(field.kind)) result.forms[result.count++] = field.form;
  return result;
}

void read_field(std::string& member, std::string_view text, field_kind kind, int limit) {
  switch (kind) {
  case field_kind::timestamp:
    if (is_timestamp(text)) member = text;
    break;
  case field_kind::uuid:
    if (is_lower_uuid(text)) member = text;
    break;
  default:
    member = cleaned(text, static_cast<size_t>(limit));
  }
}

void read_field(double& member, std::string_view text, field_kind kind, int limit) {
  const auto value = kind == field_kind::time ? leading_number(text) : leading_integer(text);
  const bool allowed = limit == any_number ? !std::isnan(value) : value >= limit;
  if (kind == field_kind::time || allowed) member = value;
}

/// The full name and its parts complete each other.
void complete_user(log_common& x) {
  const auto backslash = x.user_full.find('\\');
  if (!x.user_directory.empty() && !x.user_id.empty()) {
    x.user_full = x.user_directory + '\\' + x.user_id;
  } else if (x.user_directory.empty() && x.user_id.empty() && backslash != std::string::npos) {
    x.user_directory = x.user_full.substr(0, backslash);
    x.user_id = x.user_full.substr(backslash + 1);
    x.user_id.erase(std::min(x.user_id.find('\\'), x.user_id.size()));
  } else {
    x.user_full.clear();
  }
}

struct derive {
  const raw_fields& raw;

  void operator()(log_common& x) const { complete_user(x); }

  void operator()(qix_perf_log& x) const {
    constexpr size_t proxy_session_id = 8;
    constexpr size_t app_id = 13;
    complete_user(x);
    x.event_activity_source = raw[proxy_session_id] == "0" ? "non-user" : "user";
    if (raw[app_id].size() <= 100) x.raw_app_id = raw[app_id];
  }
};

template <class Shape>
void read_fields(Shape& shape, std::string_view datagram) {
  static const auto forms = forms_of(shape);
  const auto raw = read_positions(datagram, forms);
  size_t place = 1;
  for (const auto& field : fields_of(shape)) {
    if (!is_on_the_wire(field.kind)) continue;
    const auto text = raw[place++];
    std::visit([&](auto member) { read_field(shape.*member, text, field.kind, field.limit); }, field.member);
  }
  derive{raw}(shape);
}

} // namespace

std::string_view to_string_view(log_source x) { return names[static_cast<size_t>(x)].json; }

std::string_view topic_level(log_source x) { return names[static_cast<size_t>(x)].level; }

log_body empty_body(log_source x) {
  switch (x) {
  case log_source::engine:
    return engine_log{};
  case log_source::proxy:
  case log_source::repository:
    return service_log{};
  case log_source::scheduler:
    return scheduler_log{};
  case log_source::qix_perf:
    return qix_perf_log{};
  }
  return engine_log{};
}

const log_common& log_event::common() const {
  return std::visit([](const log_common& x) -> const log_common& { return x; }, body);
}

const std::string* log_event::message() const {
  struct {
    const std::string* operator()(const engine_log& x) const { return &x.message; }
    const std::string* operator()(const service_log& x) const { return &x.message; }
    const std::string* operator()(const scheduler_log& x) const { return &x.message; }
    const std::string* operator()(const qix_perf_log&) const { return nullptr; }
  } get;
  return std::visit(get, body);
}

bool operator==(const log_event& a, const log_event& b) {
  return a.source == b.source && a.received == b.received && a.id == b.id && a.body == b.body;
}

parsed<log_event> parse_log_event(std::string_view datagram) {
  const auto first = datagram.substr(0, datagram.find(';'));
  for (size_t i = 0; i < names.size(); ++i) {
    if (!equal_ignoring_case(first, names[i].first_field)) continue;
    if (!is_utf8(datagram)) return parse_log_event(repaired_utf8(datagram));
    log_event event;
    event.source = static_cast<log_source>(i);
    event.body = empty_body(event.source);
    std::visit([datagram](auto& shape) { read_fields(shape, datagram); }, event.body);
    return parsed<log_event>::ok(std::move(event));
  }
  return parsed<log_event>::rejected("unknown_source");
}

} // namespace senseflow::messages
