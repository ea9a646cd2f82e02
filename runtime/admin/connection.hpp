// One client of the admin server, with or without TLS: one request after the other.
#pragma once

#include "runtime/admin/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace senseflow::runtime {

/// Ends when nothing keeps it: neither an operation nor a client.
class admin_connection {
public:
  virtual ~admin_connection() = default;
  virtual void close() = 0;
};

/// What all connections share. Used on one thread.
struct admin_connections {
  admin_server_options options;
  admin_server::handler answer;
  std::list<admin_connection*> open; ///< the one that has lasted longest first
};

template <class Stream>
class admin_stream final : public admin_connection,
                           public std::enable_shared_from_this<admin_stream<Stream>> {
  using error_code = boost::system::error_code;
  using response = boost::beast::http::response<boost::beast::http::span_body<const char>>;
  static constexpr bool has_tls = !std::is_same_v<Stream, boost::beast::tcp_stream>;

public:
  template <class... Ts>
  explicit admin_stream(std::shared_ptr<admin_connections> all, boost::asio::ip::tcp::socket socket,
                        Ts&... tls)
      : all_(std::move(all)), stream_(std::move(socket), tls...),
        place_(all_->open.insert(all_->open.end(), this)) {}

  ~admin_stream() override { leave(); }

  void start() {
    if constexpr (has_tls) {
      wait();
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [me = this->shared_from_this()](error_code failed) {
                                if (!failed) me->read();
                              });
    } else {
      read();
    }
  }

  void close() override {
    leave();
    error_code ignored;
    lowest().socket().close(ignored);
  }

private:
  boost::beast::tcp_stream& lowest() { return boost::beast::get_lowest_layer(stream_); }
  void leave() {
    if (!std::exchange(listed_, false)) return;
    all_->open.erase(place_);
  }
  void wait() { lowest().expires_after(all_->options.patience); }

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(all_->options.most_header_bytes));
    parser_->body_limit(0);
    wait();
    boost::beast::http::async_read_header(
        stream_, buffer_, *parser_,
        [me = this->shared_from_this()](error_code failed, size_t) { me->heard(failed); });
  }

  void heard(error_code failed) {
    using boost::beast::http::error;
    constexpr auto no_body = "a request has no body here\n";
    if (failed == error::body_limit) return refuse(413, no_body);
    if (failed == error::header_limit) return refuse(431, "the header is too large\n");
    if (failed.category() == make_error_code(error::bad_version).category() &&
        failed != error::end_of_stream && failed != error::partial_message)
      return refuse(400, "this is no HTTP request\n");
    if (failed) return close();
    if (!parser_->is_done()) return refuse(413, no_body);
    const auto& request = parser_->get();
    const auto value = [&](boost::beast::http::field name) {
      const auto x = request[name];
      return std::string_view{x.data(), x.size()};
    };
    const auto method = request.method_string();
    const auto target = request.target();
    using field = boost::beast::http::field;
    http_answer x;
    try {
      x = all_->answer({{method.data(), method.size()},
                        {target.data(), target.size()},
                        value(field::host),
                        value(field::authorization),
                        value(field::accept),
                        value(field::if_none_match)});
    } catch (const std::exception&) { // memory, say
      return refuse(500, "the answer could not be made\n");
    }
    write(x, request.version(), request.keep_alive(), method == "HEAD");
  }

  void refuse(unsigned status, const char* text) {
    http_answer x;
    x.status = status;
    x.body = std::make_shared<const std::string>(text);
    write(x, 11, false, false);
  }

  void write(const http_answer& x, unsigned version, bool keep_alive, bool head) {
    body_ = x.body;
    response_ = response{};
    response_.result(x.status);
    response_.version(version);
    response_.keep_alive(keep_alive);
    for (const auto& [name, content] : common_headers()) response_.set(name, content);
    for (const auto& [name, content] : x.headers) response_.set(name, content);
    if (x.status != 304) {
      response_.set("Content-Type", x.type);
      response_.content_length(body_->size());
      if (!head) response_.body() = {body_->data(), body_->size()};
    }
    wait();
    boost::beast::http::async_write(stream_, response_,
                                    [me = this->shared_from_this(), keep_alive](error_code failed, size_t) {
                                      if (failed) return me->close();
                                      keep_alive ? me->read() : me->say_goodbye();
                                    });
  }

  /// What the client still sends is taken for a moment: closing over it would cost it the answer.
  void say_goodbye() {
    error_code ignored;
    lowest().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    lowest().expires_after(std::chrono::seconds(1));
    drain();
  }

  void drain() {
    lowest().async_read_some(
        boost::asio::buffer(rest_),
        [me = this->shared_from_this()](error_code failed, size_t) { failed ? me->close() : me->drain(); });
  }

  using header = std::pair<const char*, const char*>;
  static const std::array<header, 4>& common_headers() {
    static constexpr std::array<header, 4> all{
        header{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "
                                          "connect-src 'self'; img-src 'self' data:; "
                                          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        header{"X-Content-Type-Options", "nosniff"}, header{"Referrer-Policy", "no-referrer"},
        header{"Cross-Origin-Resource-Policy", "same-origin"}};
    return all;
  }

  std::shared_ptr<admin_connections> all_;
  Stream stream_;
  std::list<admin_connection*>::iterator place_;
  bool listed_ = true;
  boost::beast::flat_buffer buffer_{64 * 1024};
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  response response_;
  std::shared_ptr<const std::string> body_;
  std::array<char, 1024> rest_{};
};

} // namespace senseflow::runtime
