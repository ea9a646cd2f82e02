// When each component last showed that it works: what a watchdog has to know.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace senseflow::runtime {

/// Thread-safe. Supervisors note the answers of their children; names are paths in the supervision tree.
class vital_signs {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// It was started, or has answered.
  void alive(const std::string& path, time_point now);
  /// It is asked no more: it has ended, or is to end within a time of its own.
  void forget(const std::string& path);
  /// All children of a supervisor, which has ended; of the root if it is empty.
  void forget_below(const std::string& supervisor);

  struct silence {
    std::string path;
    std::chrono::nanoseconds duration{};
  };
  /// The longest one; none if there is nobody.
  std::optional<silence> longest_silence(time_point now) const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, time_point> latest_;
};

} // namespace senseflow::runtime
