// Datagrams as Sense's log appenders send them, made up but well-formed: one line of UTF-8, fields separated
// by ';'. Every event carries its number, so that a subscriber can tell which ones arrived:
// - all but perf events: the message begins with "event <number, 6 digits or more> at <µs since 1970, UTC>"
// - perf events have no message: their request_id is the number.
// Pure but for the clock. Numbers choose users, apps and commands, so equal numbers give equal events but for
// the time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::bench {

enum class event_source : uint8_t { engine, proxy, repository, scheduler, qix_perf, user };

inline constexpr std::array all_event_sources{event_source::engine,     event_source::proxy,
                                              event_source::repository, event_source::scheduler,
                                              event_source::qix_perf,   event_source::user};

/// "engine", "proxy", "repository", "scheduler", "qix-perf", "user".
std::string_view to_string(event_source source);

/// Fields of a datagram of this source, its first field included.
size_t field_count(event_source source);

struct event_options {
  std::string host = "sense1"; ///< the Sense server it says it comes from
  size_t size = 0; ///< bytes at least; the message is lengthened (perf events have none and stay shorter)
  std::chrono::system_clock::time_point time = std::chrono::system_clock::now();
};

std::string make_user_event(uint64_t number, const event_options& options = {});

/// `source` is not `user`.
std::string make_log_event(event_source source, uint64_t number, const event_options& options = {});

/// Either of them.
std::string make_event(event_source source, uint64_t number, const event_options& options = {});

} // namespace senseflow::bench
