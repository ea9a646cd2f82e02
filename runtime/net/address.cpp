#include "runtime/net/address.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace senseflow::runtime {

namespace {

constexpr size_t v4_offset = 12; // of the four bytes within the sixteen

ip_address mapped(const in_addr& v4) {
  ip_address result;
  result.bytes[10] = result.bytes[11] = 0xff;
  std::memcpy(result.bytes.data() + v4_offset, &v4, sizeof v4);
  return result;
}

} // namespace

bool ip_address::is_v4() const {
  return bytes[10] == 0xff && bytes[11] == 0xff &&
         std::all_of(bytes.begin(), bytes.begin() + 10, [](uint8_t x) { return x == 0; });
}

std::optional<ip_address> parse_address(std::string_view text) {
  const auto percent = text.find('%');
  const std::string figures{text.substr(0, percent)};
  in_addr v4{};
  if (percent == std::string_view::npos && ::inet_pton(AF_INET, figures.c_str(), &v4) == 1) return mapped(v4);
  ip_address result;
  if (::inet_pton(AF_INET6, figures.c_str(), result.bytes.data()) != 1) return std::nullopt;
  if (percent == std::string_view::npos) return result;
  result.scope = ::if_nametoindex(std::string{text.substr(percent + 1)}.c_str());
  if (result.scope == 0) return std::nullopt;
  return result;
}

std::optional<ip_address> address_of(const sockaddr& x) {
  if (x.sa_family == AF_INET) return mapped(reinterpret_cast<const sockaddr_in&>(x).sin_addr);
  if (x.sa_family != AF_INET6) return std::nullopt;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(x);
  ip_address result;
  std::memcpy(result.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  result.scope = v6.sin6_scope_id;
  return result;
}

std::string to_string(const ip_address& x) {
  char text[INET6_ADDRSTRLEN] = "";
  if (x.is_v4()) return ::inet_ntop(AF_INET, x.bytes.data() + v4_offset, text, sizeof text);
  std::string result = ::inet_ntop(AF_INET6, x.bytes.data(), text, sizeof text);
  char name[IF_NAMESIZE] = "";
  if (x.scope != 0 && ::if_indextoname(x.scope, name)) result += std::string{"%"} + name;
  return result;
}

socket_address to_socket_address(const ip_address& x, uint16_t port) {
  socket_address result;
  if (x.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, x.bytes.data() + v4_offset, sizeof v4.sin_addr);
    result.size = sizeof v4;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = x.scope;
    std::memcpy(&v6.sin6_addr, x.bytes.data(), sizeof v6.sin6_addr);
    result.size = sizeof v6;
  }
  return result;
}

} // namespace senseflow::runtime
