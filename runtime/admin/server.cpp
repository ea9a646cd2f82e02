#include "runtime/admin/server.hpp"

#include "runtime/admin/connection.hpp"
#include "runtime/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <fcntl.h>

#include <thread>
#include <utility>

namespace senseflow::runtime {

using boost::asio::ip::tcp;

namespace {

void use(boost::asio::ssl::context& tls, const admin_server_options& o) {
  using context = boost::asio::ssl::context;
  tls.set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 | context::no_tlsv1 |
                  context::no_tlsv1_1);
  tls.use_certificate_chain(boost::asio::buffer(o.certificate));
  tls.use_private_key(boost::asio::buffer(o.key), context::pem);
}

} // namespace

class admin_server::listener {
public:
  listener(const admin_server_options& options, handler answer)
      : all_(std::make_shared<admin_connections>(admin_connections{options, std::move(answer), {}})) {
    if (!options.certificate.empty()) use(tls_.emplace(boost::asio::ssl::context::tls_server), options);
    const auto host = options.host == "localhost" ? "127.0.0.1" : options.host;
    const tcp::endpoint at{boost::asio::ip::make_address(host), options.port};
    acceptor_.open(at.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor_.bind(at);
    acceptor_.listen();
    accept();
    thread_ = std::thread{[this] { run(); }};
  }

  ~listener() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
  /// Want of memory ends what it strikes, no more.
  void run() {
    while (!io_.stopped()) try {
        io_.run();
      } catch (const std::exception& e) {
        log::error("admin server: {}", e.what());
      }
  }

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code failed, tcp::socket socket) {
      if (failed == boost::asio::error::operation_aborted) return;
      if (failed) return accept_later();
      if (all_->open.size() >= all_->options.most_connections) all_->open.front()->close();
      try {
        welcome(std::move(socket));
      } catch (const std::exception& e) { // no memory, say: the next one is welcome again
        log::error("admin server: {}", e.what());
      }
      accept();
    });
  }

  /// Out of file descriptors, most likely.
  void accept_later() {
    again_.expires_after(std::chrono::milliseconds(100));
    again_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) accept();
    });
  }

  void welcome(tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    using plain = boost::beast::tcp_stream;
    if (tls_)
      std::make_shared<admin_stream<boost::beast::ssl_stream<plain>>>(all_, std::move(socket), *tls_)
          ->start();
    else
      std::make_shared<admin_stream<plain>>(all_, std::move(socket))->start();
  }

  std::shared_ptr<admin_connections> all_;
  std::optional<boost::asio::ssl::context> tls_;
  boost::asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  boost::asio::steady_timer again_{io_};
  std::thread thread_;
};

admin_server::opened admin_server::open(const admin_server_options& options, handler answer) {
  try {
    return {std::unique_ptr<admin_server>{
                new admin_server{std::make_unique<listener>(options, std::move(answer))}},
            {}};
  } catch (const boost::system::system_error& e) {
    return {nullptr, e.code().message()};
  } catch (const std::exception& e) {
    return {nullptr, e.what()};
  }
}

admin_server::admin_server(std::unique_ptr<listener> x) : listener_(std::move(x)) {}

admin_server::~admin_server() = default;

uint16_t admin_server::port() const { return listener_->port(); }

} // namespace senseflow::runtime
