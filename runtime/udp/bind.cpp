#include "runtime/udp/bind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

namespace senseflow::runtime {
namespace {

std::string place(const udp_options& o, uint16_t port) {
  return fmt::format("UDP port {} on {}", port, o.host.empty() ? "every address" : o.host);
}

std::string place(const udp_options& o) { return place(o, o.port); }

std::string bind_problem(const udp_options& o, int error) {
  const auto what = std::system_category().message(error);
  switch (error) {
  case EADDRINUSE:
    return fmt::format(
        "{} is in use by another program: stop it (`ss -ulpn` names it) or choose another port.", place(o));
  case EACCES:
    return fmt::format(
        "{} may not be opened by this user ({}): choose a port above 1023, or give the program the "
        "capability CAP_NET_BIND_SERVICE.",
        place(o), what);
  case EADDRNOTAVAIL:
    return fmt::format(
        "{} can't be opened: {} is not an address of this machine. Use one of its addresses, or "
        "0.0.0.0 for all of them.",
        place(o), o.host);
  case EMFILE:
  case ENFILE:
    return fmt::format("{} can't be opened ({}): raise the limit of open files (LimitNOFILE=, ulimit -n).",
                       place(o), what);
  default:
    return fmt::format("{} can't be opened ({}): check the host and the port.", place(o), what);
  }
}

size_t receive_buffer(int fd) {
  int doubled = 0; // the kernel answers with twice the payload's share
  socklen_t size = sizeof(doubled);
  ::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &doubled, &size);
  return static_cast<size_t>(doubled) / 2;
}

// A privileged process gets what it asks for; any other is held to net.core.rmem_max.
size_t set_receive_buffer(int fd, size_t wanted) {
  const auto bytes = static_cast<int>(std::min<size_t>(wanted, INT_MAX / 2));
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  return receive_buffer(fd);
}

sockaddr_storage own_address(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof(own);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  return own;
}

uint16_t port_of(int fd) {
  auto own = own_address(fd);
  return ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(own).sin6_port
                                         : reinterpret_cast<sockaddr_in&>(own).sin_port);
}

bool is_udp(int fd) {
  int type = 0;
  socklen_t size = sizeof(type);
  const auto family = own_address(fd).ss_family;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM &&
         (family == AF_INET || family == AF_INET6);
}

bool is_any(const ip_address& x) { return x == *parse_address("0.0.0.0") || x == *parse_address("::"); }

/// A name whose addresses are not known is not held against it.
bool listens_on(const ip_address& own, const udp_options& o) {
  if (const auto wanted = parse_address(o.host.empty() ? "0.0.0.0" : o.host))
    return *wanted == own || (is_any(*wanted) && is_any(own));
  return o.addresses.empty() || std::find(o.addresses.begin(), o.addresses.end(), own) != o.addresses.end();
}

/// Where it differs from the configuration, in one line; what is larger than asked is no trouble.
std::string differences(const bound_udp& x, const udp_options& o) {
  std::vector<std::string> all;
  const auto own = own_address(x.fd.get());
  const auto address = address_of(reinterpret_cast<const sockaddr&>(own));
  if (address && !listens_on(*address, o))
    all.push_back(fmt::format("listens on {} instead of {}", to_string(*address), o.host));
  if (o.port != 0 && x.port != o.port)
    all.push_back(fmt::format("is bound to port {} instead of {}", x.port, o.port));
  if (x.receive_buffer_bytes < o.receive_buffer_bytes)
    all.push_back(fmt::format("has a receive buffer of {} bytes instead of {}", x.receive_buffer_bytes,
                              o.receive_buffer_bytes));
  if (all.empty()) return {};
  return fmt::format(
      "the socket that the service manager has handed over for UDP port {} {}. What the socket "
      "unit says counts (ListenDatagram=, ReceiveBuffer=): make it and the configuration agree.",
      o.port, fmt::join(all, ", "));
}

} // namespace

bound_udp bind_udp(const udp_options& options) {
  bound_udp result;
  auto addresses = options.addresses;
  const auto figures = parse_address(options.host.empty() ? "0.0.0.0" : options.host);
  if (addresses.empty() && figures) addresses.push_back(*figures);
  if (addresses.empty())
    result.error =
        fmt::format("{} can't be opened: the address of {} was not found. Check the name, or use an "
                    "address of this machine.",
                    place(options), options.host);
  std::stable_partition(addresses.begin(), addresses.end(), [](const auto& a) { return a.is_v4(); });
  for (const auto& a : addresses) {
    const auto own = to_socket_address(a, options.port);
    unique_fd fd{::socket(own.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (fd && ::bind(fd.get(), own.get(), own.size) == 0) {
      result.fd = std::move(fd);
      break;
    }
    if (result.error.empty()) result.error = bind_problem(options, errno);
  }
  if (!result.fd) return result;
  result.error.clear();
  result.port = port_of(result.fd.get());
  result.receive_buffer_bytes = set_receive_buffer(result.fd.get(), options.receive_buffer_bytes);
  if (result.receive_buffer_bytes < options.receive_buffer_bytes)
    result.warning =
        fmt::format("{}: the kernel grants a receive buffer of {} bytes instead of {}, so that bursts may "
                    "be lost. To allow more: sysctl -w net.core.rmem_max={}",
                    place(options, result.port), result.receive_buffer_bytes, options.receive_buffer_bytes,
                    options.receive_buffer_bytes);
  return result;
}

std::optional<uint16_t> udp_port(const unique_fd& fd) {
  return is_udp(fd.get()) ? std::optional{port_of(fd.get())} : std::nullopt;
}

bound_udp adopt_udp(const unique_fd& handed_over, const udp_options& options) {
  bound_udp result;
  if (!is_udp(handed_over.get())) {
    result.error =
        fmt::format("{} can't be opened: what the service manager has handed over for it is no UDP "
                    "socket. Check ListenDatagram= in the socket unit.",
                    place(options));
    return result;
  }
  result.fd = unique_fd{::fcntl(handed_over.get(), F_DUPFD_CLOEXEC, 3)};
  if (!result.fd) {
    result.error = bind_problem(options, errno);
    return result;
  }
  result.port = port_of(result.fd.get());
  result.receive_buffer_bytes = receive_buffer(result.fd.get());
  result.warning = differences(result, options);
  return result;
}

std::optional<uint32_t> kernel_drops(const unique_fd& fd) {
  uint32_t info[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof(info);
  if (!fd || ::getsockopt(fd.get(), SOL_SOCKET, SO_MEMINFO, info, &size) != 0) return std::nullopt;
  if (size < (SK_MEMINFO_DROPS + 1) * sizeof(uint32_t)) return std::nullopt;
  return info[SK_MEMINFO_DROPS];
}

} // namespace senseflow::runtime
