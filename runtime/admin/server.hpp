// An HTTP server for few clients on a thread of its own. Boost.Beast rather than cpp-httplib, which gives each
// connection a thread for as long as it idles: two hundred idle ones would keep probes waiting.
#pragma once

#include "runtime/admin/answers.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace senseflow::runtime {

struct admin_server_options {
  std::string host = "127.0.0.1"; ///< address or `localhost`
  uint16_t port = 0;              ///< 0: any free one
  std::string certificate, key;   ///< PEM texts; empty = no TLS
  size_t most_connections = 512;  ///< beyond it, the one that has lasted longest gives way
  std::chrono::milliseconds patience{
      10000}; ///< with a handshake, a request, an answer that is taken, and between
  size_t most_header_bytes = 8192;
};

/// Whatever clients do or leave undone costs a bounded amount of memory and no thread.
class admin_server {
public:
  /// Called on the server's thread, one request after the other; must not block.
  using handler = std::function<http_answer(const http_question&)>;

  struct opened {
    std::unique_ptr<admin_server> value; ///< null: `error` says why
    std::string error;                   ///< in words
  };
  static opened open(const admin_server_options& options, handler answer);

  /// Ends all connections.
  ~admin_server();
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

  uint16_t port() const;

private:
  class listener;
  explicit admin_server(std::unique_ptr<listener> x);
  std::unique_ptr<listener> listener_;
};

} // namespace senseflow::runtime
