#include "runtime/mqtt/connect_race.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace senseflow::runtime {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto head_start = std::chrono::milliseconds(250);
constexpr size_t most_described = 4;

struct runner {
  ip_address to;
  descriptor connection;
};

/// 0: it is on its way, or up.
int start(const ip_address& to, uint16_t port, descriptor& connection) {
  const auto address = to_socket_address(to, port);
  connection = descriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection) return errno;
  if (::connect(connection.get(), address.get(), address.size) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}

int outcome(int fd) {
  int result = 0;
  socklen_t size = sizeof result;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size) == 0 ? result : errno;
}

int milliseconds_until(clock::time_point t) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(t - clock::now()).count();
  return static_cast<int>(std::max<int64_t>(left, 0));
}

std::string words(int error) {
  switch (error) {
  case ECONNREFUSED:
    return "refuses connections";
  case ETIMEDOUT:
    return "does not answer";
  case ENETUNREACH:
  case EHOSTUNREACH:
  case EADDRNOTAVAIL:
    return "can't be reached from here";
  default:
    return "fails (" + std::system_category().message(error) + ")";
  }
}

} // namespace

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::vector<ip_address> interleaved(const std::vector<ip_address>& addresses) {
  auto result = addresses;
  for (size_t i = 1; i < result.size(); ++i) {
    const auto other = std::find_if(result.begin() + static_cast<std::ptrdiff_t>(i), result.end(),
                                    [&](const auto& x) { return x.is_v4() != result[i - 1].is_v4(); });
    if (other != result.end()) std::rotate(result.begin() + static_cast<std::ptrdiff_t>(i), other, other + 1);
  }
  return result;
}

race_result race(const std::vector<ip_address>& addresses, uint16_t port, clock::time_point deadline,
                 int stop) {
  race_result result;
  std::vector<runner> running;
  auto next = addresses.begin();
  auto next_start = clock::now();
  while (next != addresses.end() || !running.empty()) {
    if (next != addresses.end() && clock::now() >= next_start) {
      runner r{*next++, descriptor{}};
      next_start = clock::now() + head_start;
      if (const auto error = start(r.to, port, r.connection)) {
        result.losers.emplace_back(r.to, error);
        next_start = clock::now();
      } else {
        running.push_back(std::move(r));
      }
      continue;
    }
    std::vector<pollfd> polled{{stop, POLLIN, 0}};
    for (const auto& r : running) polled.push_back({r.connection.get(), POLLOUT, 0});
    const auto until = next == addresses.end() ? deadline : std::min(deadline, next_start);
    ::poll(polled.data(), polled.size(), milliseconds_until(until));
    if (polled[0].revents != 0) return result;
    for (size_t i = polled.size() - 1; i > 0; --i) { // backwards: they are taken out
      if (polled[i].revents == 0) continue;
      auto r = std::move(running[i - 1]);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i - 1));
      if (const auto error = outcome(r.connection.get())) {
        result.losers.emplace_back(r.to, error);
        next_start = clock::now();
      } else {
        result.winner = r.to;
        result.connection = std::move(r.connection);
      }
    }
    if (result.winner) return result;
    if (clock::now() < deadline) continue;
    for (const auto& r : running) result.losers.emplace_back(r.to, ETIMEDOUT);
    return result;
  }
  return result;
}

std::string described(const std::vector<std::pair<ip_address, int>>& losers) {
  std::string result;
  for (size_t i = 0; i < losers.size() && i < most_described; ++i)
    result += (i > 0 ? ", " : "") + to_string(losers[i].first) + " " + words(losers[i].second);
  if (losers.size() > most_described)
    result += ", and " + std::to_string(losers.size() - most_described) + " more";
  return result;
}

} // namespace senseflow::runtime
