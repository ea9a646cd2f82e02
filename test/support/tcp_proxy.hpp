// Stands between a client and a server on loopback and does to their connections what networks do.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace senseflow::test {

/// Forwards bytes between its own port and another one, on a thread of its own. Thread-safe; what is called
/// has taken effect when the call returns.
class tcp_proxy {
public:
  explicit tcp_proxy(uint16_t to_port);
  ~tcp_proxy(); ///< cuts all connections
  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  uint16_t port() const { return port_; }

  /// Ends all connections at once (reset); what has been received and not passed on is gone.
  void cut();

  enum class way : uint8_t { to_server, to_client, both };
  /// Connections stay, nothing is passed on any more: a network that swallows packets.
  void freeze(way which = way::both);
  void thaw();

  /// What the server says arrives so much later.
  void delay(std::chrono::milliseconds t);

  /// Looks at the first bytes of each new client: what it returns is answered in place of the server, and
  /// the connection ends; nothing: they are passed on. Called on the proxy's thread.
  using gate = std::function<std::optional<std::string>(const std::string& first)>;
  void set_gate(gate g);

  void refuse(); ///< nobody listens on the port any more; connections stay
  void accept(); ///< listens again

  size_t connections() const; ///< now
  size_t accepted() const { return accepted_; }
  uint64_t bytes_to_server() const { return bytes_to_server_; }

private:
  struct stream { // one direction
    std::string waiting;
    std::chrono::steady_clock::time_point due{};
  };
  struct connection {
    int client = -1, server = -1;
    bool checked = false; // by the gate
    stream to_server, to_client;
  };

  void take_new();
  bool let_in(connection& c);
  bool take_in(int from, stream& s, bool frozen, int events, std::chrono::milliseconds late = {});
  bool pass_on(int to, stream& s, bool frozen, std::atomic<uint64_t>* count);
  void reset(connection& c);
  void run();
  void wake();

  const uint16_t to_port_;
  uint16_t port_ = 0;
  int wake_ = -1; // eventfd
  std::atomic<size_t> accepted_{0};
  std::atomic<uint64_t> bytes_to_server_{0};
  mutable std::mutex mutex_; // guards all below
  int listener_ = -1;
  bool stop_ = false;
  bool frozen_to_server_ = false, frozen_to_client_ = false;
  std::chrono::milliseconds delay_{0};
  gate gate_;
  std::list<connection> connections_;
  std::thread thread_;
};

} // namespace senseflow::test
