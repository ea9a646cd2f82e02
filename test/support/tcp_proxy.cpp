#include "test/support/tcp_proxy.hpp"

#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace senseflow::test {
namespace {

constexpr size_t most_at_once = 65536; // bytes that wait in each direction

sockaddr_in loopback(uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  result.sin_port = htons(port);
  return result;
}

// A listening socket, -1 if the port is taken.
int try_listen(uint16_t port) {
  const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const auto own = loopback(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) == 0 && ::listen(fd, 64) == 0)
    return fd;
  ::close(fd);
  return -1;
}

void make_ready(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const linger at_once{1, 0}; // closing resets
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

bool early(std::chrono::steady_clock::time_point due) { return std::chrono::steady_clock::now() < due; }

bool again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

} // namespace

tcp_proxy::tcp_proxy(uint16_t to_port) : to_port_(to_port), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (int tries = 0; tries < 20 && listener_ < 0; ++tries) {
    port_ = free_port();
    listener_ = try_listen(port_);
  }
  if (listener_ < 0) throw std::runtime_error("no port for the proxy");
  thread_ = std::thread([this] { run(); });
}

tcp_proxy::~tcp_proxy() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake();
  thread_.join();
  cut();
  refuse();
  ::close(wake_);
}

void tcp_proxy::wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_, &one, sizeof(one));
}

void tcp_proxy::cut() {
  std::lock_guard lock(mutex_);
  for (auto& c : connections_) reset(c);
  connections_.clear();
  wake();
}

void tcp_proxy::freeze(way which) {
  std::lock_guard lock(mutex_);
  if (which != way::to_client) frozen_to_server_ = true;
  if (which != way::to_server) frozen_to_client_ = true;
  wake();
}

void tcp_proxy::thaw() {
  std::lock_guard lock(mutex_);
  frozen_to_server_ = frozen_to_client_ = false;
  wake();
}

void tcp_proxy::delay(std::chrono::milliseconds t) {
  std::lock_guard lock(mutex_);
  delay_ = t;
}

void tcp_proxy::refuse() {
  std::lock_guard lock(mutex_);
  if (listener_ >= 0) ::close(listener_);
  listener_ = -1;
  wake();
}

void tcp_proxy::accept() {
  std::lock_guard lock(mutex_);
  if (listener_ >= 0) return;
  if (!eventually([this] { return (listener_ = try_listen(port_)) >= 0; }))
    throw std::runtime_error("the proxy's port was taken meanwhile");
  wake();
}

size_t tcp_proxy::connections() const {
  std::lock_guard lock(mutex_);
  return connections_.size();
}

void tcp_proxy::reset(connection& c) {
  ::close(c.client);
  ::close(c.server);
}

void tcp_proxy::set_gate(gate g) {
  std::lock_guard lock(mutex_);
  gate_ = std::move(g);
}

bool tcp_proxy::let_in(connection& c) {
  if (!gate_ || c.checked || c.to_server.waiting.empty()) return true;
  c.checked = true;
  const auto answer = gate_(c.to_server.waiting);
  if (!answer) return true;
  const linger in_order{0, 0}; // or the client would not see the answer
  ::setsockopt(c.client, SOL_SOCKET, SO_LINGER, &in_order, sizeof(in_order));
  ::send(c.client, answer->data(), answer->size(), MSG_NOSIGNAL);
  ::shutdown(c.client, SHUT_WR);
  return false;
}

void tcp_proxy::take_new() {
  const auto client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  ++accepted_;
  make_ready(client);
  const auto server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  make_ready(server);
  const auto to = loopback(to_port_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  connections_.push_back({client, server, false, {}, {}});
}

// Both: false when the connection is over.
bool tcp_proxy::take_in(int from, stream& s, bool frozen, int events, std::chrono::milliseconds late) {
  if (frozen || !s.waiting.empty() || (events & (POLLIN | POLLHUP | POLLERR)) == 0) return true;
  char bytes[most_at_once];
  const auto n = ::recv(from, bytes, sizeof(bytes), MSG_DONTWAIT);
  if (n > 0) s.waiting.assign(bytes, static_cast<size_t>(n));
  if (n > 0) s.due = std::chrono::steady_clock::now() + late;
  return n > 0 || (n < 0 && again());
}

bool tcp_proxy::pass_on(int to, stream& s, bool frozen, std::atomic<uint64_t>* count) {
  if (frozen || s.waiting.empty() || early(s.due)) return true;
  const auto n = ::send(to, s.waiting.data(), s.waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0) return again();
  s.waiting.erase(0, static_cast<size_t>(n));
  if (count != nullptr) *count += static_cast<uint64_t>(n);
  return true;
}

void tcp_proxy::run() {
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign(1, {wake_, POLLIN, 0});
    std::unique_lock lock(mutex_);
    if (stop_) return;
    if (listener_ >= 0) polled.push_back({listener_, POLLIN, 0});
    const auto wanted = [](const stream& in, bool in_frozen, const stream& out, bool out_frozen) {
      int result = 0;
      if (!in_frozen && in.waiting.empty()) result |= POLLIN;
      if (!out_frozen && !out.waiting.empty() && !early(out.due)) result |= POLLOUT;
      return static_cast<short>(result);
    };
    int patience = -1;
    for (const auto& c : connections_) {
      // A descriptor without wishes is left out: poll would report its end again and again.
      const auto client = wanted(c.to_server, frozen_to_server_, c.to_client, frozen_to_client_);
      const auto server = wanted(c.to_client, frozen_to_client_, c.to_server, frozen_to_server_);
      polled.push_back({client == 0 ? -1 : c.client, client, 0});
      polled.push_back({server == 0 ? -1 : c.server, server, 0});
      if (early(c.to_client.due)) patience = 1;
    }
    lock.unlock();
    ::poll(polled.data(), polled.size(), patience);
    lock.lock();
    uint64_t wakes = 0;
    if (polled[0].revents != 0 && ::read(wake_, &wakes, sizeof(wakes)) > 0)
      continue; // something was changed from outside: look at everything anew
    const size_t first = listener_ >= 0 ? 2 : 1;
    size_t i = first;
    for (auto c = connections_.begin(); c != connections_.end(); i += 2) {
      const int client = polled[i].revents, server = polled[i + 1].revents;
      const auto alive = take_in(c->client, c->to_server, frozen_to_server_, client) && let_in(*c) &&
                         pass_on(c->server, c->to_server, frozen_to_server_, &bytes_to_server_) &&
                         take_in(c->server, c->to_client, frozen_to_client_, server, delay_) &&
                         pass_on(c->client, c->to_client, frozen_to_client_, nullptr);
      if (!alive) reset(*c);
      c = alive ? std::next(c) : connections_.erase(c);
    }
    if (first == 2 && polled[1].revents != 0) take_new();
  }
}

} // namespace senseflow::test
