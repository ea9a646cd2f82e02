// `senseflow health`: asks the running instance how it is.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

namespace senseflow::runtime {

/// Of `senseflow health`; its other exit codes are ask_health's.
inline constexpr int exit_not_asked = 2;

/// Where the instance answers.
struct health_address {
  std::string host = "127.0.0.1"; ///< it listens on; one for all addresses is asked on this machine
  uint16_t port = 9843;
  std::string certificate; ///< PEM; empty = without TLS
  std::string token;       ///< empty = none
};

/// One line to `out`; returns the exit code: 0 it is well enough, 1 it is not, or not ready, 2 it can't be
/// asked, which is said to `err`. Waits 10 s at most.
int ask_health(const health_address& at, std::ostream& out, std::ostream& err);

} // namespace senseflow::runtime
