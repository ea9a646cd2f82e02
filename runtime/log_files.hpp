// The log in files: one a UTC day, the newest 30 kept.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>

#include <sys/types.h>

namespace senseflow::runtime::log {

/// DIRECTORY/senseflow.YYYY-MM-DD.log. Each line is written at once and whole. A file that somebody has moved or
/// removed is made anew: with the next line after `reopen`, else a second later.
/// Throws spdlog::spdlog_ex when the file can't be opened or written; the next line tries again.
class log_files final : public spdlog::sinks::base_sink<std::mutex> {
public:
  /// Makes the directory if need be.
  explicit log_files(std::filesystem::path directory);
  ~log_files() override;

  void reopen() { reopen_ = true; } ///< never blocks

protected:
  void sink_it_(const spdlog::details::log_msg& line) override;
  void flush_() override {}

private:
  using day = std::chrono::duration<int64_t, std::ratio<86400>>;

  void open(day today);
  void close();
  bool is_there() const;
  void remove_oldest() const;

  const std::filesystem::path directory_;
  std::atomic<bool> reopen_{false};
  std::filesystem::path path_;
  day day_{-1};
  int file_ = -1;
  std::chrono::steady_clock::time_point looked_{}; ///< whether it is there
  bool broken_line_ = false;                       ///< the last one could not be written to its end
};

} // namespace senseflow::runtime::log
