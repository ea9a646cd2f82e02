// A real etcd of a test's own, of one member or several, on loopback.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/temp_dir.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::test {

struct etcd_server_options {
  size_t members = 1;
  /// With both: clients speak TLS. For the gateway the certificate needs both usages.
  std::string certificate_file = {}, key_file = {};
  std::string client_ca_file = {}; ///< clients must show a certificate of this CA
  /// For `ctl` when that is so; its CA is that of the clients.
  std::string own_certificate_file = {}, own_key_file = {};
  std::vector<std::string> more = {}; ///< further options of its command line
};

/// Starts at once, on free ports that it keeps over restarts. Not thread-safe.
class etcd_server {
public:
  explicit etcd_server(etcd_server_options options = {});

  size_t size() const { return members_.size(); }
  std::string endpoint(size_t member = 0) const;
  std::vector<std::string> endpoints() const; ///< of all
  uint16_t port(size_t member = 0) const { return members_.at(member).client_port; }
  std::string log(size_t member = 0) const;

  void start(size_t member = 0); ///< with its data
  void stop(size_t member = 0);  ///< in order; waits for the end
  void kill(size_t member = 0);
  void freeze(size_t member = 0) const; ///< connections stay, nothing is answered
  void thaw(size_t member = 0) const;

  /// Which member leads; asks until there is one. `except`: one that can't answer.
  size_t leader(std::optional<size_t> except = {}) const;

  /// Runs etcdctl, for all members or one, and returns what it writes; throws when it fails.
  std::string ctl(std::vector<std::string> words, int only_member = -1) const;
  /// A user `root` with this password, and authentication from then on.
  void enable_authentication(const std::string& password) const;

private:
  struct one {
    uint16_t client_port = 0, peer_port = 0;
    std::unique_ptr<child_process> process;
  };

  bool start_all();
  void launch(size_t member);
  bool serves(size_t member) const;
  std::string scheme() const { return options_.certificate_file.empty() ? "http" : "https"; }

  const etcd_server_options options_;
  temp_dir directory_{memory_or_disk()};
  std::vector<one> members_;
};

} // namespace senseflow::test
