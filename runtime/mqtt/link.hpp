// One attempt to connect, and the connection that comes of it.
#pragma once

#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/connack.hpp"
#include "runtime/mqtt/paho_connection.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::runtime {

struct mqtt_link {
  enum class state : uint8_t {
    idle,
    connecting,
    announcing, ///< the broker has accepted us, and not acknowledged our presence yet
    connected,
    closing,
    closed ///< nothing is left to wait for
  };

  uint64_t number = 0; ///< of the attempt: 1, 2, …
  mqtt_brokers::target target = {};
  std::string address = {}; ///< of the target, or of the proxy
  bool one_of_several = false;
  std::shared_ptr<paho_connection> paho = {};
  std::shared_ptr<const mqtt_connack> connack = {}; ///< once it is up

  /// It is up, or has begun.
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

  bool proven = false; ///< something but our presence was acknowledged
  state now = state::idle;

  bool is_up() const { return now == state::announcing || now == state::connected; }

  /// Its callbacks have no effect from now on.
  std::shared_ptr<paho_connection> give_up() {
    now = state::idle;
    ++number;
    return std::move(paho);
  }
};

} // namespace senseflow::runtime
