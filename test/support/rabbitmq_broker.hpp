// A real RabbitMQ with its MQTT plugin, of a test's own: a node of its own, with its own directories, that
// listens on loopback only. Nothing of an installed system service is used or touched.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace senseflow::test {

struct rabbitmq_options {
  std::string username = {}, password = {}; ///< with a name: clients must log in with both
};

/// Starts at once, which takes 10 seconds and more. Throws if it can't. Not thread-safe.
class rabbitmq_broker {
public:
  explicit rabbitmq_broker(rabbitmq_options options = {});

  uint16_t port() const { return port_; } ///< MQTT
  std::string log() const { return node_ ? node_->output() : std::string{}; }

private:
  bool run();

  rabbitmq_options options_;
  temp_dir directory_;
  uint16_t port_ = 0;
  std::unique_ptr<child_process> names_; ///< Erlang's port mapper, in which nodes find each other
  std::unique_ptr<child_process> node_;
};

} // namespace senseflow::test
