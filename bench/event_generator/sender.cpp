#include "bench/event_generator/sender.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace senseflow::bench {

namespace {

using boost::asio::ip::udp;

constexpr size_t most_per_call = 64;

boost::asio::ip::address loopback_address(boost::asio::io_context& io, const std::string& host) {
  boost::system::error_code error;
  const auto found = udp::resolver{io}.resolve(host, "", error);
  if (error) throw std::runtime_error("cannot find host " + host + ": " + error.message());
  const auto result = found.begin()->endpoint().address();
  if (!result.is_loopback())
    throw std::runtime_error("host " + host + " is not this machine: events go to loopback addresses only");
  return result;
}

} // namespace

datagram_sender::datagram_sender(const std::string& host)
    : address_(loopback_address(io_, host)), socket_(io_, udp::endpoint{address_, 0}.protocol()) {
  ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
}

std::vector<size_t> datagram_sender::send(const std::vector<outgoing>& datagrams) {
  std::array<udp::endpoint, most_per_call> receivers;
  std::array<iovec, most_per_call> parts;
  std::array<mmsghdr, most_per_call> messages;
  std::vector<size_t> refused;
  size_t next = 0;
  while (next < datagrams.size()) {
    const size_t count = std::min(most_per_call, datagrams.size() - next);
    for (size_t i = 0; i < count; ++i) {
      const auto& datagram = datagrams[next + i];
      receivers[i] = {address_, datagram.port};
      parts[i] = {const_cast<char*>(datagram.bytes.data()), datagram.bytes.size()};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = receivers[i].data();
      messages[i].msg_hdr.msg_namelen = static_cast<socklen_t>(receivers[i].size());
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = ::sendmmsg(socket_.native_handle(), messages.data(), static_cast<unsigned>(count), 0);
    if (sent > 0)
      next += static_cast<size_t>(sent);
    else if (errno != EINTR)
      refused.push_back(next++); // the error is that of the first one
  }
  return refused;
}

} // namespace senseflow::bench
