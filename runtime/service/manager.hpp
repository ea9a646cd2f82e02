// What the service manager (systemd) is told, by sd_notify.
#pragma once

#include "runtime/worker.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace senseflow::runtime {

/// Without a manager nothing happens. Thread-safe and never waits: a manager that does not listen keeps a thread
/// of its own waiting, and what it was to hear is forgotten, the oldest first.
class service_manager {
public:
  service_manager();
  /// Gives what has not been said yet a second.
  ~service_manager();
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;

  /// Assignments as in sd_notify(3), separated by line ends.
  void tell(std::string assignments);

  /// How often the watchdog has to hear from us at least; nothing: there is none.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

private:
  struct outbox {
    std::mutex mutex; // guards the next
    std::deque<std::string> waiting;
  };

  const bool there_;
  std::optional<std::chrono::microseconds> watchdog_;
  std::shared_ptr<outbox> outbox_ = std::make_shared<outbox>();
  worker_thread voice_;
};

/// The assignment that shows this text in `systemctl status`: one line, whatever it holds.
std::string status_line(std::string_view text);

/// The assignment that asks the manager for patience with a start or a stop: so long from now on.
std::string more_time(std::chrono::microseconds more);

/// The assignments at the beginning of a reload.
std::string reloading();

} // namespace senseflow::runtime
