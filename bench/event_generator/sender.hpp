// Sends datagrams to ports of a loopback host, many per system call. Not thread-safe.
#pragma once

#include <netinet/in.h>

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
  datagram_sender(const datagram_sender&) = delete;
  datagram_sender& operator=(const datagram_sender&) = delete;
  ~datagram_sender();

  /// Sends them back to back, in order; the kernel takes them even if nobody listens. Returns the positions
  /// of those it refused (too large, say), which are left out.
  std::vector<size_t> send(const std::vector<outgoing>& datagrams);

private:
  sockaddr_storage to(uint16_t port) const;

  int socket_ = -1;
  sockaddr_storage address_{};
  socklen_t address_length_ = 0;
};

} // namespace senseflow::bench
