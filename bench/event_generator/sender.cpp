#include "bench/event_generator/sender.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace senseflow::bench {

namespace {

constexpr size_t most_per_call = 64;

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr) >> 24) == 127;
  return address->sa_family == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

} // namespace

datagram_sender::datagram_sender(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    throw std::runtime_error("cannot find host " + host + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list{found, ::freeaddrinfo};
  if (!is_loopback(found->ai_addr))
    throw std::runtime_error("host " + host + " is not this machine: events go to loopback addresses only");
  socket_ = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) throw std::runtime_error(std::string{"cannot open a UDP socket: "} + std::strerror(errno));
  std::memcpy(&address_, found->ai_addr, found->ai_addrlen);
  address_length_ = found->ai_addrlen;
}

datagram_sender::~datagram_sender() { ::close(socket_); }

sockaddr_storage datagram_sender::to(uint16_t port) const {
  sockaddr_storage result = address_;
  // The port sits at the same place for both families.
  reinterpret_cast<sockaddr_in*>(&result)->sin_port = htons(port);
  return result;
}

std::vector<size_t> datagram_sender::send(const std::vector<outgoing>& datagrams) {
  std::array<sockaddr_storage, most_per_call> addresses;
  std::array<iovec, most_per_call> parts;
  std::array<mmsghdr, most_per_call> messages;
  std::vector<size_t> refused;
  size_t next = 0;
  while (next < datagrams.size()) {
    const size_t count = std::min(most_per_call, datagrams.size() - next);
    for (size_t i = 0; i < count; ++i) {
      const auto& datagram = datagrams[next + i];
      addresses[i] = to(datagram.port);
      parts[i] = {const_cast<char*>(datagram.bytes.data()), datagram.bytes.size()};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = &addresses[i];
      messages[i].msg_hdr.msg_namelen = address_length_;
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = ::sendmmsg(socket_, messages.data(), static_cast<unsigned>(count), 0);
    if (sent > 0)
      next += static_cast<size_t>(sent);
    else if (errno != EINTR)
      refused.push_back(next++); // the error is that of the first one
  }
  return refused;
}

} // namespace senseflow::bench
