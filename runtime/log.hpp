// The program's log: spdlog underneath, with the levels' names and the files of Butler SOS.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace senseflow::runtime::log {

enum class level : uint8_t { error, warn, info, verbose, debug, silly };

struct options {
  level threshold = level::info;
  bool json = false;          ///< one JSON object a line: time, level, message
  std::string file_directory; ///< empty = no file; else one file a day there, 30 kept
};

/// Call once, before the first actor; until then lines go to standard output at level info.
/// Returns an error in plain words when the directory can't be used (the log then goes to standard output
/// only).
std::string start(const options& o);
void set_threshold(level l);
bool enabled(level l);

/// Waits until all lines are written, a second at most for each output: what still waits then may be lost.
void flush();

/// For programs that move log files away: the next line goes to a new one. (Else those a second later.)
void reopen_files();

/// Writing never waits: threads of the log's own do the work, one for standard output and one for the files.
/// While a pipe is full or a disk silent the newest 4,096 lines wait; how many were lost is said with the next
/// line, once in ten seconds.
///
/// Control characters in `text` come out escaped: text from outside never makes a line of its own.
void write(level l, std::string_view text);

template <class... Ts>
void line(level l, std::string_view format, const Ts&... xs) {
  if (enabled(l)) write(l, fmt::format(fmt::runtime(format), xs...));
}
template <class... Ts>
void error(std::string_view format, const Ts&... xs) {
  line(level::error, format, xs...);
}
template <class... Ts>
void warn(std::string_view format, const Ts&... xs) {
  line(level::warn, format, xs...);
}
template <class... Ts>
void info(std::string_view format, const Ts&... xs) {
  line(level::info, format, xs...);
}
template <class... Ts>
void verbose(std::string_view format, const Ts&... xs) {
  line(level::verbose, format, xs...);
}
template <class... Ts>
void debug(std::string_view format, const Ts&... xs) {
  line(level::debug, format, xs...);
}

/// Lets one line through per interval and counts the others: for faults that can repeat quickly.
/// Not thread-safe: one per actor and kind of fault. `now` is the caller's clock, so that tests move it.
class limiter {
public:
  explicit limiter(std::chrono::nanoseconds interval = std::chrono::seconds(10)) : interval_(interval) {}

  /// True when a line may be written now; `suppressed()` then says how many were not since the last one.
  bool pass(std::chrono::steady_clock::time_point now);
  uint64_t suppressed() const { return reported_; }
  /// " (N more since the last such line)", or nothing.
  std::string suffix() const;

private:
  std::chrono::nanoseconds interval_;
  std::chrono::steady_clock::time_point last_{};
  bool any_ = false;
  uint64_t held_ = 0;
  uint64_t reported_ = 0;
};

/// The same for faults of many causes, told by their text: each has a limiter of its own, so that another
/// cause is news at once. Texts that differ in figures and quotes only are one; so are all beyond 50.
class cause_limiter {
public:
  explicit cause_limiter(std::chrono::nanoseconds interval = std::chrono::minutes(1)) : interval_(interval) {}

  bool pass(std::string_view cause, std::chrono::steady_clock::time_point now);
  const std::string& suffix() const { return suffix_; } ///< of the cause that passed last

private:
  std::chrono::nanoseconds interval_;
  std::map<std::string, limiter> causes_;
  std::string suffix_;
};

} // namespace senseflow::runtime::log
