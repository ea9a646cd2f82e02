#include "runtime/udp/source_list.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

namespace senseflow::runtime {

namespace {

constexpr uint8_t v4_offset_bits = 96;

std::optional<ip_network> parse_address(const std::string& text) {
  ip_network result;
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    result.address[10] = result.address[11] = 0xff;
    std::memcpy(result.address.data() + 12, &v4, 4);
    return result;
  }
  if (inet_pton(AF_INET6, text.c_str(), result.address.data()) == 1) return result;
  return std::nullopt;
}

std::optional<ip_network> parse_network(const std::string& text) {
  auto slash = text.find('/');
  if (slash == std::string::npos) return parse_address(text);
  auto result = parse_address(text.substr(0, slash));
  if (!result) return std::nullopt;
  bool v4 = text.find(':') == std::string::npos;
  unsigned bits = 0;
  const char* first = text.data() + slash + 1;
  const char* last = text.data() + text.size();
  auto [end, error] = std::from_chars(first, last, bits);
  if (error != std::errc{} || end != last || bits > (v4 ? 32u : 128u)) return std::nullopt;
  result->prefix_bits = static_cast<uint8_t>(v4 ? bits + v4_offset_bits : bits);
  return result;
}

} // namespace

bool ip_network::holds(const std::array<uint8_t, 16>& x) const {
  size_t whole = prefix_bits / 8;
  if (!std::equal(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) return false;
  unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (x[whole] & mask) == (address[whole] & mask);
}

source_list::source_list(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    if (auto network = parse_network(entry))
      fixed_.push_back(*network);
    else
      names_.push_back(entry);
  }
}

std::vector<std::string> source_list::resolve() {
  std::vector<std::string> unresolved;
  resolved_.clear();
  for (const auto& name : names_) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) {
      unresolved.push_back(name);
      continue;
    }
    std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard{found, &freeaddrinfo};
    for (auto* a = found; a; a = a->ai_next) {
      char text[NI_MAXHOST];
      if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
        continue;
      if (auto address = parse_address(text)) resolved_.push_back(*address);
    }
  }
  return unresolved;
}

bool source_list::allows(std::string_view address) const {
  auto x = parse_address(std::string{address});
  if (!x) return false;
  auto holds = [&](const ip_network& n) { return n.holds(x->address); };
  return std::any_of(fixed_.begin(), fixed_.end(), holds) ||
         std::any_of(resolved_.begin(), resolved_.end(), holds);
}

} // namespace senseflow::runtime
