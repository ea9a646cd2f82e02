// Opens and binds a UDP socket, with words for everything that can go wrong.
#pragma once

#include "runtime/net/unique_fd.hpp"
#include "runtime/udp/socket.hpp"

#include <cstdint>
#include <string>

namespace senseflow::runtime {

struct bound_udp {
  unique_fd fd;                    ///< none on error
  std::string error;               ///< what, where and what to do, one line
  uint16_t port = 0;               ///< the bound one
  size_t receive_buffer_bytes = 0; ///< what the kernel granted
  std::string warning;             ///< when it granted less than asked
};

/// A host with several addresses is bound to the first that works, IPv4 before IPv6 (Sense sends to IPv4).
bound_udp bind_udp(const udp_options& options);

} // namespace senseflow::runtime
