// A small HTTPS server on loopback whose answers a test makes, bytes and all: good ones and bad ones.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

using SSL_CTX = struct ssl_ctx_st;

namespace senseflow::test {

struct https_request {
  std::string method, target;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string server_name;                    ///< asked for in TLS
  uint64_t connection = 0;                    ///< counted from 1
};

struct https_server_options {
  std::string certificate_file, key_file;      ///< PEM
  std::string client_ca_file = {};             ///< not empty: clients must show a certificate of this CA
  std::function<void()> before_handshake = {}; ///< on the connection's thread, which it may hold up
};

/// Thrown by a handler: the connection is closed without an answer.
struct hang_up {};

/// "HTTP/1.1 STATUS" with this body and its length; `more` are further header lines, each with its line end.
std::string http_answer(int status, const std::string& body, const std::string& more = {});

/// One thread per connection, connections are kept alive.
class https_server {
public:
  /// Gives the bytes to send; called on the connection's thread. Empty: nothing is
  /// answered, the connection stays.
  using handler = std::function<std::string(const https_request&)>;

  https_server(const https_server_options& options, handler answer);
  ~https_server();
  https_server(const https_server&) = delete;
  https_server& operator=(const https_server&) = delete;

  uint16_t port() const { return port_; }
  std::string url(const std::string& target) const;
  uint64_t connections() const; ///< accepted so far

private:
  struct connection {
    int fd = -1;
    std::thread thread;
  };

  void accept_all();
  void serve(int fd, uint64_t number);

  const handler answer_;
  const std::function<void()> before_handshake_;
  std::shared_ptr<SSL_CTX> context_;
  int listener_ = -1;
  uint16_t port_ = 0;
  mutable std::mutex mutex_; // guards the two below
  std::list<connection> connections_;
  bool stopping_ = false;
  std::thread acceptor_;
};

} // namespace senseflow::test
