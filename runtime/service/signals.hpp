// What the process does about signals.
#pragma once

#include "runtime/log.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

namespace senseflow::runtime {

/// First thing in main: threads inherit it. From now on signals wait for a signal_thread, or are ignored; only
/// SIGQUIT (a core dump on demand) and those of a fault in the program end it at once.
void hold_signals();

/// For commands that only ask something: Ctrl-C ends them as any program.
void release_signals();

/// A held signal that tells the process to stop.
bool stop_is_pending();

/// Obeys signals on a thread of its own, those that came before it too.
class signal_thread {
public:
  struct reactions {
    std::function<void()> reload; ///< SIGHUP
    /// SIGTERM, SIGINT, and SIGHUP of a closed terminal: begins the stop, tells how long it may take.
    std::function<std::chrono::milliseconds(const std::string& signal)> stop;
    std::function<void(const char* why)> end; ///< at once: the stop takes too long, or is asked for again
  };

  explicit signal_thread(reactions r) : do_(std::move(r)), thread_([this] { run(); }) {}
  ~signal_thread();

  signal_thread(const signal_thread&) = delete;
  signal_thread& operator=(const signal_thread&) = delete;

private:
  using clock = std::chrono::steady_clock;

  void run();
  void stop(int signal);
  void ignore(int signal);
  std::optional<int> next(clock::time_point until) const;

  reactions do_;
  std::map<int, log::limiter> often_; ///< of what is ignored
  std::atomic<bool> done_{false};
  std::thread thread_;
};

} // namespace senseflow::runtime
