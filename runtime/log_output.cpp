#include "runtime/log_output.hpp"

#include <cstdio>

namespace senseflow::runtime::log {

void log_output::log(const spdlog::details::log_msg& line) {
  try {
    sink_->log(line);
  } catch (const std::exception& e) {
    failed(e.what());
  }
  const std::lock_guard lock{mutex_};
  ++lines_;
  changed_.notify_all();
}

void log_output::flush() { sink_->flush(); }

void log_output::wait(uint64_t lines, std::chrono::milliseconds timeout) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, timeout, [&] { return lines_ >= lines; });
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
