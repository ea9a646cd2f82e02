#include "runtime/log_output.hpp"

#include <cstdio>

namespace senseflow::runtime::log {

void log_output::log(const spdlog::details::log_msg& line) {
  for (const auto& x : sinks_) {
    try {
      x->log(line);
    } catch (const std::exception& e) {
      failed(e.what());
    }
  }
  const std::lock_guard lock{mutex_};
  ++lines_;
}

void log_output::flush() {
  for (const auto& x : sinks_) {
    try {
      x->flush();
    } catch (const std::exception&) { // the next line tells
    }
  }
  const std::lock_guard lock{mutex_};
  flushed_ = lines_;
  flushed_now_.notify_all();
}

void log_output::set_pattern(const std::string& pattern) {
  for (const auto& x : sinks_) x->set_pattern(pattern);
}

void log_output::set_formatter(std::unique_ptr<spdlog::formatter> formatter) {
  for (const auto& x : sinks_) x->set_formatter(formatter->clone());
}

void log_output::wait(uint64_t lines, std::chrono::milliseconds timeout) {
  std::unique_lock lock{mutex_};
  flushed_now_.wait_for(lock, timeout, [&] { return flushed_ >= lines; });
}

uint64_t log_output::lost() const {
  const std::lock_guard lock{mutex_};
  return lost_;
}

void log_output::failed(const char* why) {
  {
    const std::lock_guard lock{mutex_};
    ++lost_;
  }
  const auto now = std::chrono::steady_clock::now();
  if (said_ != std::chrono::steady_clock::time_point{} && now - said_ < std::chrono::minutes(1)) return;
  said_ = now;
  std::fprintf(stderr, "error: a line of the log could not be written (%s)\n", why);
}

} // namespace senseflow::runtime::log
