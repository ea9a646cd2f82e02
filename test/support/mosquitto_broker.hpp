// A real mosquitto of a test's own, on loopback.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::test {

struct broker_options {
  bool allow_anonymous = true;
  std::string username = {}, password = {};                 ///< with a name: a password file that knows it
  std::string tls_certificate_file = {}, tls_key_file = {}; ///< with both: the port speaks TLS
  std::string tls_ca_file = {};                             ///< of clients' certificates
  bool require_certificate = false;                         ///< clients must show one
  std::vector<std::string> more = {};                       ///< further lines of the configuration
  bool persistence = false; ///< what it holds for its clients' sessions outlives a stop in order
};

/// Starts at once, on a free port that it keeps over restarts. Not thread-safe.
class mosquitto_broker {
public:
  explicit mosquitto_broker(broker_options options = {});

  uint16_t port() const { return port_; }
  std::string log() const;

  void start();  ///< on the former port; what it knew is gone, but for `persistence`
  void stop();   ///< in order; waits for the end
  void kill();   ///< without a word; what it knew is gone
  void freeze(); ///< connections stay, nothing is answered
  void thaw();

private:
  void write_configuration();
  bool run();

  broker_options options_;
  temp_dir directory_;
  uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

} // namespace senseflow::test
