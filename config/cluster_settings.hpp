// How several instances work as one service (`cluster`). Plain values.
#pragma once

#include "config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::config {

/// etcd, where the nodes meet.
struct etcd_settings {
  std::vector<std::string> endpoints; ///< http(s)://host:port

  struct {
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
  } tls;

  std::string username;
  secret password;
  std::string password_file; ///< `load` reads it into `password`
  std::chrono::milliseconds timeout{500};
};

/// What becomes of a node's servers when it can't renew its lease.
enum class coordinator_loss : uint8_t {
  stop,    ///< it stops polling while nobody else can have begun
  carry_on ///< it polls on: servers may be polled twice
};

/// Events that Sense sends to several nodes.
struct event_deduplication_settings {
  bool enable = false;
  std::vector<std::string> group; ///< ids of the nodes that Sense sends to; empty = all
  std::chrono::milliseconds hold_back{2000};
  uint64_t max_bytes = 16u << 20; ///< of what is held back
};

struct cluster_settings {
  bool enable = false;
  std::string name = "senseflow";
  std::string node_id; ///< empty = `node`, or the host's name
  uint32_t weight = 1;
  etcd_settings etcd;
  std::chrono::seconds lease_ttl{5};
  bool drain_on_stop = true;
  coordinator_loss on_coordinator_loss = coordinator_loss::stop;
  event_deduplication_settings event_deduplication;
};

} // namespace senseflow::config
