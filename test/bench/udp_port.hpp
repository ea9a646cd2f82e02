// A bound UDP port of 127.0.0.1 and what has arrived there. The kernel's default buffer holds at least 100
// datagrams. A plain socket: Asio's blocking calls have no time limit.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::bench {

class udp_port {
public:
  udp_port() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw std::runtime_error("no UDP port");
    number_ = ntohs(address.sin_port);
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  udp_port(const udp_port&) = delete;
  udp_port& operator=(const udp_port&) = delete;
  ~udp_port() { ::close(socket_); }

  uint16_t number() const { return number_; }

  /// Waits for a datagram; empty if none comes within ten seconds.
  std::string next() {
    std::string result;
    receive(result, 0);
    return result;
  }

  /// On loopback a datagram has arrived when the call that sent it returns.
  std::vector<std::string> arrived() {
    std::vector<std::string> result;
    for (std::string one; receive(one, MSG_DONTWAIT);) result.push_back(one);
    return result;
  }

private:
  bool receive(std::string& bytes, int flags) {
    bytes.resize(65536);
    const auto size = ::recv(socket_, bytes.data(), bytes.size(), flags);
    bytes.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return size >= 0;
  }

  int socket_;
  uint16_t number_ = 0;
};

} // namespace senseflow::bench
