// A TLS server on loopback that only listens to what clients say first: their ClientHello.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using SSL_CTX = struct ssl_ctx_st;

namespace senseflow::test {

struct client_hello {
  std::string server_name;       ///< SNI; empty: not sent
  std::vector<std::string> alpn; ///< protocols offered, in the client's order
};

/// One connection at a time; each is closed after the handshake. Thread-safe.
class tls_hello_server {
public:
  tls_hello_server(const std::string& certificate_file, const std::string& key_file); ///< PEM
  ~tls_hello_server();
  tls_hello_server(const tls_hello_server&) = delete;
  tls_hello_server& operator=(const tls_hello_server&) = delete;

  uint16_t port() const { return port_; }
  std::vector<client_hello> hellos() const; ///< in order of arrival

private:
  void serve();

  std::shared_ptr<SSL_CTX> context_;
  int listener_ = -1;
  uint16_t port_ = 0;
  mutable std::mutex mutex_; // guards the two below
  std::vector<client_hello> hellos_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace senseflow::test
