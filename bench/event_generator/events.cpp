#include "bench/event_generator/events.hpp"

#include "bench/apps.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <initializer_list>

namespace senseflow::bench {

namespace {

constexpr std::array<std::string_view, 6> names{"engine",    "proxy",    "repository",
                                                "scheduler", "qix-perf", "user"};
constexpr std::array<size_t, 6> fields{19, 16, 16, 18, 26, 8};
constexpr std::array levels{"INFO", "INFO", "INFO", "WARN", "INFO", "ERROR", "INFO"};
constexpr std::array users{"anna", "bert", "carla", "david", "eva", "fritz", "greta"};
constexpr std::array methods{"GenericObject::GetLayout", "Doc::GetObject", "Global::OpenApp", "Field::Select",
                             "GenericObject::GetHyperCubeData"};
constexpr std::array object_types{"linechart", "barchart", "table", "kpi", "filterpane"};
constexpr std::array browsers{
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 "
    "Safari/605.1.15"};
constexpr const char* windows_user = "LAB\\qlikservice";

template <class Values>
const auto& pick(const Values& values, uint64_t number) {
  return values[number % values.size()];
}

/// A lower-case UUID of the number; `kind` keeps sessions, tasks and so on apart.
std::string uuid(unsigned kind, uint64_t number) {
  return fmt::format("{:08x}-0000-4000-8000-{:012x}", kind, number & 0xffff'ffff'ffff);
}

/// `format` prints the UTC time up to its seconds, then the milliseconds.
std::string time_text(const event_options& o, const char* format) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(o.time);
  return fmt::format(fmt::runtime(format), fmt::gmtime(whole), floor<milliseconds>(o.time - whole).count());
}

std::string iso(const event_options& o) { return time_text(o, "{:%Y%m%dT%H%M%S}.{:03}+0000"); }
std::string local(const event_options& o) { return time_text(o, "{:%Y-%m-%d %H:%M:%S},{:03}"); }
std::string engine_time(const event_options& o) { return time_text(o, "{:%Y-%m-%dT%H:%M:%S}.{:03}+00:00"); }

std::string message_start(uint64_t number, const event_options& o) {
  using namespace std::chrono;
  return fmt::format("event {:06} at {} ", number,
                     duration_cast<microseconds>(o.time.time_since_epoch()).count());
}

std::string join(std::initializer_list<std::string_view> parts) {
  return fmt::format("{}", fmt::join(parts, ";"));
}

/// The fields around a message, and the message lengthened so that the whole has `size` bytes.
std::string with_message(std::string before, std::string message, const std::string& after, size_t size) {
  const size_t length = before.size() + message.size() + after.size() + 1;
  if (length < size) message.append(size - length, '.');
  before += ';';
  before += message;
  before += after;
  return before;
}

std::string head(const char* type, const char* subsystem, uint64_t number, const event_options& o) {
  return join({type, std::to_string(number + 1), iso(o), local(o), pick(levels, number), o.host, subsystem,
               windows_user});
}

std::string engine_event(uint64_t number, const event_options& o) {
  return with_message(head("/qseow-engine/", "System.Engine.Engine", number, o),
                      message_start(number, o) + "Reload of an app took longer than usual",
                      ";" + join({uuid(1, number % 500), "LAB", pick(users, number), engine_time(o),
                                  uuid(2, 1), "12.2015.3.0", "20260101T040000.000Z", "Reload",
                                  uuid(1, number % 500), pick(apps, number).id}),
                      o.size);
}

/// Proxy and repository events have the same fields.
std::string request_event(const char* type, const char* subsystem, const char* text, uint64_t number,
                          const event_options& o) {
  const bool fault = number % 10 == 0;
  const std::string context = std::string{"/app/"} + pick(apps, number).id;
  return with_message(
      head(type, subsystem, number, o), message_start(number, o) + text,
      ";" + join({fault ? "Object reference not set to an instance of an object" : "", "LAB",
                  pick(users, number), "Open connection", fault ? "500" : "0", "AppAccess", context}),
      o.size);
}

std::string scheduler_event(uint64_t number, const event_options& o) {
  const auto& user = pick(users, number);
  const auto& app = pick(apps, number);
  return with_message(
      head("/qseow-scheduler/", "System.Scheduler.Scheduler.Slave.Tasks.ReloadTask", number, o),
      message_start(number, o) +
          "Message from ReloadProvider: Reload failed in Engine. Check engine or script logs.",
      ";" + join({"Reload failed", "LAB", user, std::string{"LAB\\"} + user,
                  std::string{"Reload of "} + app.name, app.name, uuid(3, number % 100), app.id,
                  uuid(4, number)}),
      o.size);
}

std::string perf_event(uint64_t number, const event_options& o) {
  const auto milliseconds = [](uint64_t thousandths) {
    return fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
  };
  return head("/qseow-qix-perf/", "System.Engine.Engine", number, o) + ";" +
         join({number % 5 == 0 ? "0" : uuid(1, number % 500), "LAB", pick(users, number), engine_time(o),
               uuid(1, number % 500), pick(apps, number).id, std::to_string(number), pick(methods, number),
               milliseconds(number * 7919 % 900'000), milliseconds(number * 6841 % 600'000), "0", "1.5",
               "0.25", std::to_string(number % 40), "obj" + std::to_string(number % 100),
               std::to_string(number * 4099 % 50'000'000), std::to_string(number * 8209 % 90'000'000),
               pick(object_types, number)});
}

} // namespace

std::string_view to_string(event_source source) { return names[static_cast<size_t>(source)]; }

size_t field_count(event_source source) { return fields[static_cast<size_t>(source)]; }

std::string make_user_event(uint64_t number, const event_options& o) {
  struct kind {
    const char *type, *command;
  };
  constexpr std::array<kind, 4> kinds{{{"/qseow-proxy-session/", "Start session"},
                                       {"/qseow-proxy-connection/", "Open connection"},
                                       {"/qseow-proxy-connection/", "Close connection"},
                                       {"/qseow-proxy-session/", "Stop session"}}};
  const auto& [type, command] = pick(kinds, number);
  const std::string context = std::string{"/app/"} + pick(apps, number).id;
  return with_message(join({type, o.host, command, "LAB", pick(users, number), "AppAccess", context}),
                      message_start(number, o), std::string{"UserAgent: '"} + pick(browsers, number) + "'",
                      o.size);
}

std::string make_log_event(event_source source, uint64_t number, const event_options& o) {
  switch (source) {
  case event_source::engine:
    return engine_event(number, o);
  case event_source::proxy:
    return request_event("/qseow-proxy/", "System.Proxy.Proxy.Core.RequestListener", "Request answered",
                         number, o);
  case event_source::repository:
    return request_event("/qseow-repository/", "System.Repository.Repository.Core.Security",
                         "Access to a resource was checked", number, o);
  case event_source::scheduler:
    return scheduler_event(number, o);
  case event_source::qix_perf:
    return perf_event(number, o);
  case event_source::user:
    break;
  }
  return {};
}

std::string make_event(event_source source, uint64_t number, const event_options& options) {
  return source == event_source::user ? make_user_event(number, options)
                                      : make_log_event(source, number, options);
}

} // namespace senseflow::bench
