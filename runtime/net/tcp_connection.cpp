#include "runtime/net/tcp_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace senseflow::runtime {

namespace {

using clock = std::chrono::steady_clock;

constexpr size_t most_addresses = 16;

int milliseconds_until(clock::time_point x) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(x - clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

int error_of(int fd) {
  int result = 0;
  socklen_t size = sizeof result;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size) == 0 ? result : errno;
}

struct attempt {
  unique_fd fd;
  ip_address address;
};

/// None: it failed at once.
attempt begin(const ip_address& a, uint16_t port, int& error) {
  const auto to = to_socket_address(a, port);
  unique_fd fd{::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd && (::connect(fd.get(), to.get(), to.size) == 0 || errno == EINPROGRESS)) return {std::move(fd), a};
  error = errno;
  return {};
}

} // namespace

bool ready(int fd, short events, clock::time_point until) {
  pollfd x{fd, events, 0};
  int n = 0;
  do n = ::poll(&x, 1, milliseconds_until(until));
  while (n < 0 && errno == EINTR);
  return n > 0;
}

tcp_connection connect_to(const std::vector<ip_address>& addresses, uint16_t port,
                          std::chrono::milliseconds limit) {
  const auto start = clock::now();
  const auto until = start + limit;
  tcp_connection result;
  std::vector<attempt> open;
  for (size_t i = 0; i < std::min(addresses.size(), most_addresses); ++i) {
    result.address = addresses[i];
    if (auto x = begin(addresses[i], port, result.error); x.fd) open.push_back(std::move(x));
  }
  while (!open.empty()) {
    std::vector<pollfd> all;
    for (const auto& x : open) all.push_back({x.fd.get(), POLLOUT, 0});
    if (::poll(all.data(), all.size(), milliseconds_until(until)) <= 0 && clock::now() >= until) {
      result.error = ETIMEDOUT;
      result.address = open.front().address;
      break;
    }
    std::vector<attempt> left;
    for (size_t i = 0; i < open.size(); ++i) {
      if (all[i].revents == 0) {
        left.push_back(std::move(open[i]));
      } else if (const auto error = error_of(open[i].fd.get()); error != 0) {
        result.error = error;
        result.address = open[i].address;
      } else if (!result.fd) {
        result.fd = std::move(open[i].fd);
        result.address = open[i].address;
        result.error = 0;
      }
    }
    if (result.fd) break;
    open = std::move(left);
  }
  result.took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - start);
  return result;
}

} // namespace senseflow::runtime
