// An HTTP proxy on loopback that opens tunnels, or refuses to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace senseflow::test {

/// Answers CONNECT with `status`; 200 opens a tunnel to `to_port` on loopback, whatever host was asked for.
class http_tunnel {
public:
  explicit http_tunnel(uint16_t to_port, int status = 200);
  ~http_tunnel(); ///< cuts all tunnels
  http_tunnel(const http_tunnel&) = delete;
  http_tunnel& operator=(const http_tunnel&) = delete;

  uint16_t port() const { return port_; }
  void silence();                             ///< takes connections, and answers none
  void trickle();                             ///< answers with a success, and does not come to its end
  std::vector<std::string> asked_for() const; ///< "host:port" of each CONNECT

private:
  class server;
  uint16_t port_ = 0;
  const std::unique_ptr<server> server_;
};

} // namespace senseflow::test
