#include "test/support/http_tunnel.hpp"

#include <boost/asio.hpp>

#include <array>

namespace senseflow::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct tunnel {
  explicit tunnel(tcp::socket c) : client(std::move(c)), server(client.get_executor()) {}
  tcp::socket client, server;
  std::string request;
  std::array<char, 65536> up{}, down{};
};
using pointer = std::shared_ptr<tunnel>;

void cut(tunnel& t) {
  error_code ignored;
  t.client.close(ignored);
  t.server.close(ignored);
}

void pump(const pointer& t, tcp::socket& from, tcp::socket& to, std::array<char, 65536>& bytes) {
  from.async_read_some(asio::buffer(bytes), [t, &from, &to, &bytes](error_code failed, size_t n) {
    if (failed) return cut(*t);
    asio::async_write(to, asio::buffer(bytes, n), [t, &from, &to, &bytes](error_code cut_off, size_t) {
      if (cut_off) return cut(*t);
      pump(t, from, to, bytes);
    });
  });
}

} // namespace

class http_tunnel::server {
public:
  server(uint16_t to_port, int status) : to_port_(to_port), status_(status) {
    accept();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~server() {
    io_.stop();
    thread_.join();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  std::atomic<bool> silent{false}, trickles{false};
  std::mutex mutex; // guards the next
  std::vector<std::string> asked_for;

private:
  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket client) {
      if (failed) return;
      read(std::make_shared<tunnel>(std::move(client)));
      accept();
    });
  }

  void read(const pointer& t) {
    asio::async_read_until(t->client, asio::dynamic_buffer(t->request), "\r\n\r\n",
                           [this, t](error_code failed, size_t) {
                             if (!failed) answer(t);
                           });
  }

  void answer(const pointer& t) {
    if (silent) return read(t); // waits for what does not come
    {
      std::lock_guard lock(mutex);
      const auto begin = t->request.find(' ') + 1;
      asked_for.push_back(t->request.substr(begin, t->request.find(' ', begin) - begin));
    }
    if (trickles) {
      t->request = "HTTP/1.1 200 As told\r\nX: ";
      return trickle(t);
    }
    error_code failed;
    if (status_ == 200) t->server.connect({asio::ip::address_v4::loopback(), to_port_}, failed);
    const auto line = "HTTP/1.1 " + std::to_string(failed ? 502 : status_) + " As told\r\n\r\n";
    asio::write(t->client, asio::buffer(line), failed);
    if (status_ != 200 || failed) return cut(*t);
    pump(t, t->client, t->server, t->up);
    pump(t, t->server, t->client, t->down);
  }

  void trickle(const pointer& t) {
    asio::async_write(t->client, asio::buffer(t->request), [this, t](error_code failed, size_t) {
      if (failed) return cut(*t);
      t->request = "y";
      auto timer = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds(100));
      timer->async_wait([this, t, timer](error_code) { trickle(t); });
    });
  }

  const uint16_t to_port_;
  const int status_;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

http_tunnel::http_tunnel(uint16_t to_port, int status) : server_(std::make_unique<server>(to_port, status)) {
  port_ = server_->port();
}

http_tunnel::~http_tunnel() = default;

void http_tunnel::silence() { server_->silent = true; }

void http_tunnel::trickle() { server_->trickles = true; }

std::vector<std::string> http_tunnel::asked_for() const {
  std::lock_guard lock(server_->mutex);
  return server_->asked_for;
}

} // namespace senseflow::test
