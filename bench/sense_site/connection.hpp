// One client's connection to a virtual server: TLS, HTTP/1.1 with keep-alive, one request after the other.
// Keeps itself alive through its pending operations. Lives on the site's thread.
#pragma once

#include "bench/sense_site/virtual_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <array>
#include <memory>
#include <optional>

namespace senseflow::bench {

class connection : public std::enable_shared_from_this<connection> {
public:
  connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, virtual_server& server);

  void start();

  /// Answers the request that the server told to hang.
  void answer_now();

private:
  using error_code = boost::system::error_code;

  struct open_request {
    question asked;
    std::string witness; ///< header X-Witness
    virtual_server::clock::time_point came = virtual_server::clock::now();
    sense_api api = sense_api::other;
    unsigned version = 11;
    bool keep_alive = true;
  };

  void shake_hands();
  void say_goodbye();
  void read();
  void on_read(error_code error);
  void begin();
  void on_written(error_code error, bool refused);
  void end(virtual_server::outcome how);
  void close();

  virtual_server& server_;
  boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;
  boost::asio::steady_timer delay_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request<boost::beast::http::string_body> incoming_;
  bool incoming_waits_ = false; ///< complete, but the open one is not answered yet; nothing is being read
  std::optional<open_request> open_;
  std::shared_ptr<const std::string> body_;
  boost::beast::http::response<boost::beast::http::span_body<const char>> response_;
  std::array<char, 1024> rest_{}; ///< what a refused client still sends
};

} // namespace senseflow::bench
