// A TCP port on loopback that nobody listens on at the moment. Another process may take it before its user
// does: whoever starts a server on it tries again with the next one.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace senseflow::test {

inline uint16_t free_port() {
  const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(own);
  const auto ok = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&own), size) == 0 &&
                  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!ok) throw std::runtime_error("no free port on loopback");
  return ntohs(own.sin_port);
}

} // namespace senseflow::test
