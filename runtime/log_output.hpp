// Where log lines end, with an account of it.
#pragma once

#include <spdlog/sinks/sink.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace senseflow::runtime::log {

/// Hands each line to its sink. What that one does not take is counted, and said on standard error once a
/// minute. Called on one thread; `wait` and `lost` on any.
class log_output final : public spdlog::sinks::sink {
public:
  explicit log_output(spdlog::sink_ptr to) : sink_(std::move(to)) {}

  void log(const spdlog::details::log_msg& line) override;
  void flush() override;
  void set_pattern(const std::string& pattern) override { sink_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> x) override { sink_->set_formatter(std::move(x)); }

  /// Until so many lines were handed on since the start, or the time is up.
  void wait(uint64_t lines, std::chrono::milliseconds timeout);

  /// Lines that came here and that the sink did not take.
  uint64_t lost() const;

private:
  void failed(const char* why);

  const spdlog::sink_ptr sink_;
  std::chrono::steady_clock::time_point said_{};
  mutable std::mutex mutex_; ///< guards what follows; not held while the sink is called
  std::condition_variable changed_;
  uint64_t lines_ = 0;
  uint64_t lost_ = 0;
};

} // namespace senseflow::runtime::log
