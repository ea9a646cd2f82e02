// A real aedes, an MQTT broker written in JavaScript, of a test's own, on loopback. The first one in a build
// directory is installed there by npm, which needs a package registry.
#pragma once

#include "test/support/child_process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace senseflow::test {

struct aedes_options {
  std::string username = {}, password = {}; ///< with a name: clients must log in with both
};

/// Starts at once, on a free port. Throws if it can't be installed or started, saying why. Not thread-safe.
class aedes_broker {
public:
  /// `directory` is where aedes is installed, for all tests of a build.
  explicit aedes_broker(const std::string& directory, const aedes_options& options = {});

  uint16_t port() const { return port_; }
  std::string log() const { return process_->output(); }

private:
  uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

} // namespace senseflow::test
