#include "runtime/mqtt/nodelay.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace senseflow::runtime {
namespace {

// The address in IPv6 form, so that the two families compare alike.
in6_addr mapped(const in_addr& v4) {
  in6_addr v6{};
  v6.s6_addr[10] = v6.s6_addr[11] = 0xff;
  std::memcpy(&v6.s6_addr[12], &v4, sizeof(v4));
  return v6;
}

bool numeric(const std::string& host, in6_addr& out) {
  if (in_addr v4{}; inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    out = mapped(v4);
    return true;
  }
  return inet_pton(AF_INET6, host.c_str(), &out) == 1;
}

bool connected_to(int fd, const in6_addr* host, uint16_t port) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0)
    return false; // no socket, or not connected
  in6_addr address{};
  uint16_t peer_port = 0;
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    address = mapped(v4.sin_addr);
    peer_port = ntohs(v4.sin_port);
  } else if (peer.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
    address = v6.sin6_addr;
    peer_port = ntohs(v6.sin6_port);
  }
  return peer_port == port && (host == nullptr || std::memcmp(host, &address, sizeof(address)) == 0);
}

bool has_nagle(int fd) {
  int off = 0;
  socklen_t size = sizeof(off);
  return ::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &off, &size) == 0 && off == 0; // fails if it is not TCP
}

} // namespace

int switch_nagle_off(const std::string& host, uint16_t port) {
  in6_addr address{};
  const auto* wanted = numeric(host, address) ? &address : nullptr;
  const std::unique_ptr<DIR, int (*)(DIR*)> open_files(::opendir("/proc/self/fd"), &::closedir);
  if (!open_files) return 0;
  int changed = 0;
  while (const auto* entry = ::readdir(open_files.get())) {
    const auto fd = std::atoi(entry->d_name); // "." and ".." become 0, which is no connection of ours
    if (!connected_to(fd, wanted, port) || !has_nagle(fd)) continue;
    const int on = 1;
    if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0) ++changed;
  }
  return changed;
}

} // namespace senseflow::runtime
