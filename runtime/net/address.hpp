// IP addresses as values, and what the socket calls make of them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace senseflow::runtime {

struct ip_address {
  std::array<uint8_t, 16> bytes{}; ///< IPv4 as v4-mapped IPv6
  uint32_t scope = 0;              ///< of a link-local one: the number of its interface

  bool is_v4() const;
};
inline bool operator==(const ip_address& a, const ip_address& b) {
  return a.bytes == b.bytes && a.scope == b.scope;
}
inline bool operator!=(const ip_address& a, const ip_address& b) { return !(a == b); }

/// `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`; nothing for anything else, names above all.
std::optional<ip_address> parse_address(std::string_view text);
/// Of AF_INET or AF_INET6.
std::optional<ip_address> address_of(const sockaddr& x);
std::string to_string(const ip_address& x);

/// For bind and connect; v4 ones are of AF_INET.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
socket_address to_socket_address(const ip_address& x, uint16_t port);

} // namespace senseflow::runtime
