#include "bench/sense_site/connection.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace senseflow::bench {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using outcome = virtual_server::outcome;

connection::connection(tcp::socket socket, boost::asio::ssl::context& tls, virtual_server& server)
    : server_(server), stream_(std::move(socket), tls), delay_(stream_.get_executor()) {
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().set_option(tcp::no_delay{true}, ignored);
}

void connection::start() {
  const auto wait = server_.before_handshake();
  if (wait.count() == 0) return shake_hands();
  delay_.expires_after(wait);
  delay_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->shake_hands();
  });
}

void connection::shake_hands() {
  beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds{10});
  stream_.async_handshake(boost::asio::ssl::stream_base::server,
                          [self = shared_from_this()](error_code error) {
                            self->server_.handshake_ended(!error);
                            if (error) {
                              beast::get_lowest_layer(self->stream_).expires_after(std::chrono::seconds{1});
                              self->say_goodbye();
                              return;
                            }
                            beast::get_lowest_layer(self->stream_)
                                .expires_never(); // keep-alive: the client says when it has had enough
                            self->read();
                          });
}

// Closing at once while the client still sends would reset the connection, and the alert that says why might
// be lost.
void connection::say_goodbye() {
  auto& tcp_layer = beast::get_lowest_layer(stream_);
  error_code ignored;
  tcp_layer.socket().shutdown(tcp::socket::shutdown_send, ignored);
  tcp_layer.async_read_some(boost::asio::buffer(rest_),
                            [self = shared_from_this()](error_code error, size_t) {
                              if (!error) self->say_goodbye();
                            });
}

// There is always a read under way, or a complete request waiting: so a client that goes away is noticed
// while its request hangs.
void connection::read() {
  incoming_ = {};
  http::async_read(stream_, buffer_, incoming_,
                   [self = shared_from_this()](error_code error, size_t) { self->on_read(error); });
}

void connection::on_read(error_code error) {
  if (error) {
    if (open_) end(outcome::abandoned);
    close();
  } else if (open_) {
    incoming_waits_ = true;
  } else {
    begin();
  }
}

void connection::begin() {
  const auto text = [this](const auto& name) { return std::string{incoming_[name]}; };
  open_request request;
  request.asked.is_get = incoming_.method() == http::verb::get;
  request.asked.target = std::string{incoming_.target()};
  request.asked.xrfkey = text("X-Qlik-Xrfkey");
  request.asked.user = text("X-Qlik-User");
  request.witness = text("X-Witness");
  request.asked.accepts_gzip = text(http::field::accept_encoding).find("gzip") != std::string::npos;
  request.api = api_of(request.asked.target);
  request.version = incoming_.version();
  request.keep_alive = incoming_.keep_alive();
  open_ = std::move(request);
  incoming_waits_ = false;

  const auto plan = server_.arrived(open_->api, shared_from_this());
  if (plan.what == virtual_server::treatment::close) {
    end(outcome::closed);
    close();
    return;
  }
  read();
  if (plan.what == virtual_server::treatment::hang) return;
  if (plan.delay.count() == 0) {
    answer_now();
    return;
  }
  delay_.expires_after(plan.delay);
  delay_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->answer_now();
  });
}

void connection::answer_now() {
  if (!open_) return; // the client went away in the meantime
  const auto answer = server_.answer_to(open_->asked);
  body_ = answer.body;
  response_ = {static_cast<http::status>(answer.status), open_->version};
  response_.set(http::field::content_type, answer.content_type);
  response_.set(http::field::cache_control, "no-store");
  if (const auto date = server_.date(); !date.empty()) response_.set(http::field::date, date);
  if (answer.gzip) response_.set(http::field::content_encoding, "gzip");
  response_.keep_alive(open_->keep_alive);
  response_.body() = {body_->data(), body_->size()};
  response_.prepare_payload();
  http::async_write(stream_, response_,
                    [self = shared_from_this(), refused = answer.refused](error_code error, size_t) {
                      self->on_written(error, refused);
                    });
}

void connection::on_written(error_code error, bool refused) {
  if (!open_) return;
  if (error) {
    end(outcome::abandoned);
    close();
    return;
  }
  const bool stay = open_->keep_alive;
  end(refused ? outcome::refused : outcome::answered);
  if (!stay) {
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().shutdown(tcp::socket::shutdown_send, ignored);
  } else if (incoming_waits_) {
    begin();
  }
}

void connection::end(outcome how) {
  const auto api = open_->api;
  if (api == sense_api::health) server_.witnessed(open_->witness, open_->came);
  open_.reset();
  delay_.cancel();
  server_.ended(api, how, shared_from_this());
}

void connection::close() {
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().close(ignored);
}

} // namespace senseflow::bench
