// What certificates the brokers show: the MQTT library does not tell, so a handshake beside it does.
#pragma once

#include "actors/context.hpp"
#include "config/settings.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/worker.hpp"

#include <chrono>
#include <memory>

namespace senseflow::runtime {

/// After a connection was made, at most every ten minutes, and once a day; where a look fails, again after
/// growing times. Through a proxy, and without TLS, there is none. What is shown is in the notices, as
/// `broker host:port`. Thread-safe. One look at a time, on a thread of its own, for some seconds at most:
/// the destructor waits for it.
class broker_certificates {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit broker_certificates(actors::context_ptr env);
  ~broker_certificates();

  /// What was shown by others than these settings' brokers is forgotten.
  void follow(const config::settings& s, std::shared_ptr<resolver> names);
  /// Whether it is time to look at one that is connected. Never waits.
  void look(time_point now);

private:
  struct state;

  const actors::context_ptr env_;
  const std::shared_ptr<state> state_; ///< the thread's, too
  worker_thread hand_;
};

} // namespace senseflow::runtime
