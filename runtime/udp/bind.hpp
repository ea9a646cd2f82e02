// Opens and binds a UDP socket, or adopts one, with words for everything that can go wrong.
#pragma once

#include "runtime/net/unique_fd.hpp"
#include "runtime/udp/socket.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace senseflow::runtime {

struct bound_udp {
  unique_fd fd;                    ///< none on error
  std::string error;               ///< what, where and what to do, one line
  uint16_t port = 0;               ///< the bound one
  size_t receive_buffer_bytes = 0; ///< what the kernel granted
  std::string warning;             ///< when it granted less than asked; what is other than asked
};

/// A host with several addresses is bound to the first that works, IPv4 before IPv6 (Sense sends to IPv4).
bound_udp bind_udp(const udp_options& options);

/// The port that a UDP socket is bound to; nothing: it is no such socket.
std::optional<uint16_t> udp_port(const unique_fd& fd);

/// A second descriptor of a socket that was handed over. Its address and buffer stay as they are.
bound_udp adopt_udp(const unique_fd& handed_over, const udp_options& options);

/// What the kernel has dropped at this socket since it was opened; it wraps.
std::optional<uint32_t> kernel_drops(const unique_fd& fd);

} // namespace senseflow::runtime
