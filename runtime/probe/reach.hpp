// The way to a server, step by step: its name, its port, TLS with it. Each step says what is wrong with it.
#pragma once

#include "runtime/net/resolver.hpp"
#include "runtime/net/tcp_connection.hpp"
#include "runtime/net/tls_handshake.hpp"
#include "runtime/probe/runner.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime::probe {

/// A place that has to be reached, and the words for what is to be done when it can't be.
struct destination {
  std::string host;
  uint16_t port = 0;
  std::string service;             ///< that listens there: "the Sense engine"
  std::string setting;             ///< that names the host
  std::optional<tls_question> tls; ///< none: it speaks no TLS
  bool verify = true;              ///< what the certificate says counts
  std::string ca_setting, certificate_setting, verify_setting;
  std::string certificate_advice; ///< how to get right ones
};

struct reach_limits {
  std::chrono::milliseconds name{5000};
  std::chrono::milliseconds connection{4000};
  std::chrono::milliseconds handshake{6000};

  std::chrono::milliseconds all() const { return name + connection + handshake; }
};

/// Of one subject. Not thread-safe.
class path_finder {
public:
  path_finder(std::shared_ptr<resolver> names, notebook& to, reach_limits limits = {})
      : names_(std::move(names)), to_(to), limits_(limits) {}

  /// False: something is wrong, which has been written; what lies behind it need not be tried. Twice the same
  /// place is tried once.
  bool reach(const destination& x);

private:
  bool try_to_reach(const destination& x);
  bool find_address(const destination& x);
  void note_connection(const destination& x, const tcp_connection& c);
  bool note_handshake(const destination& x, const tls_handshake& h);

  std::shared_ptr<resolver> names_;
  notebook& to_;
  const reach_limits limits_;
  std::map<std::string, std::vector<ip_address>> addresses_;
  std::map<std::pair<std::string, uint16_t>, bool> reached_;
};

/// Waits for the answer.
lookup_result look_up(resolver& names, const std::string& name, std::chrono::milliseconds limit);

/// "0.4 ms", "12 ms", "3.1 s".
std::string duration_text(std::chrono::microseconds x);
std::string place_text(const std::string& host, uint16_t port);

} // namespace senseflow::runtime::probe
