// Tells the service manager how the service is, and keeps its watchdog quiet as long as all components answer.
#pragma once

#include "actors/context.hpp"
#include "runtime/service/manager.hpp"
#include "runtime/wiring/ports.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace senseflow::runtime {

struct service_watch_options {
  std::vector<std::string> receivers; ///< whose ports are to be opened before the service is ready
  /// A component that has not answered for so long keeps the watchdog waiting.
  std::chrono::milliseconds silence{15000};
  std::chrono::milliseconds status_interval{10000}; ///< of its figures, in what the manager shows
  std::chrono::milliseconds port_patience{15000};   ///< then it is ready without them
};

service_watch_options watch_options(const config::settings& s);

/// On a thread of its own: ready as soon as all ports are open, or known not to be; pings for half the time that
/// the watchdog has; once a second, while the service stops, what is left (in the log, too). Thread-safe.
class service_watch {
public:
  service_watch(service_manager& manager, actors::context& env, const service_ports& ports,
                service_watch_options options);
  ~service_watch();
  service_watch(const service_watch&) = delete;
  service_watch& operator=(const service_watch&) = delete;

  void reloading();
  /// With the first fault of a configuration that was refused, empty if there was none; receivers and silence
  /// are those of `options` from now on.
  void reloaded(const std::string& fault, service_watch_options options);
  void stopping(std::chrono::milliseconds within);

private:
  using clock = std::chrono::steady_clock;

  void run();
  void look(clock::time_point now);
  clock::time_point next_look(clock::time_point now) const;
  bool ports_known(clock::time_point now) const;
  std::string words() const;
  void ping(clock::time_point now);
  void tell_what_is_left(clock::time_point now);

  service_manager& manager_;
  actors::context& env_;
  const service_ports& ports_;
  const clock::time_point began_ = clock::now();
  std::mutex mutex_; // guards all below
  std::condition_variable changed_;
  service_watch_options options_;
  bool done_ = false;
  bool ready_ = false;
  bool reloading_ = false;
  bool silent_ = false; ///< the watchdog is kept waiting, which was said
  std::string fault_;   ///< of the last reload
  std::string told_;    ///< the last status
  std::optional<clock::time_point> stop_by_;
  clock::time_point next_ping_, next_status_;
  std::thread thread_; ///< last: it uses everything above
};

} // namespace senseflow::runtime
