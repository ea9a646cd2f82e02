// Sends datagrams to ports of a loopback host, many per system call, which Asio does not know. Not
// thread-safe.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::bench {

struct outgoing {
  uint16_t port = 0;
  std::string bytes;
};

class datagram_sender {
public:
  /// `host`: 127.0.0.1, ::1, localhost or another name of a loopback address; throws std::runtime_error for
  /// others, so that a slip of the keyboard floods nobody.
  explicit datagram_sender(const std::string& host);

  /// Sends them back to back, in order; the kernel takes them even if nobody listens. Returns the positions
  /// of those it refused (too large, say), which are left out.
  std::vector<size_t> send(const std::vector<outgoing>& datagrams);

private:
  boost::asio::io_context io_; ///< never runs: the socket needs one
  boost::asio::ip::address address_;
  boost::asio::ip::udp::socket socket_;
};

} // namespace senseflow::bench
