// Where log lines end: on the log's own thread, since a full pipe or a silent disk may hold it up.
#pragma once

#include <spdlog/sinks/sink.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace senseflow::runtime::log {

/// Hands each line to all of its sinks. One that fails does not keep the others from theirs: that is said on
/// standard error, once a minute, and counted. Called on one thread; `wait` and `lost` on any.
class log_output final : public spdlog::sinks::sink {
public:
  explicit log_output(std::vector<spdlog::sink_ptr> sinks) : sinks_(std::move(sinks)) {}

  void log(const spdlog::details::log_msg& line) override;
  void flush() override;
  void set_pattern(const std::string& pattern) override;
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override;

  /// Until so many lines were handed on and flushed since the start, or the time is up.
  void wait(uint64_t lines, std::chrono::milliseconds timeout);

  /// Lines that came here and that a sink did not take.
  uint64_t lost() const;

private:
  void failed(const char* why);

  const std::vector<spdlog::sink_ptr> sinks_;
  std::chrono::steady_clock::time_point said_{};
  mutable std::mutex mutex_; ///< guards what follows; not held while a sink is called
  std::condition_variable flushed_now_;
  uint64_t lines_ = 0;
  uint64_t flushed_ = 0;
  uint64_t lost_ = 0;
};

} // namespace senseflow::runtime::log
