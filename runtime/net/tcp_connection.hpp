// A TCP connection that is made to see whether it can be made.
#pragma once

#include "runtime/net/address.hpp"
#include "runtime/net/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace senseflow::runtime {

struct tcp_connection {
  unique_fd fd;       ///< non-blocking; none if there is no connection
  ip_address address; ///< that it leads to
  int error = 0;      ///< errno of the last address; ETIMEDOUT: nobody has answered in time
  std::chrono::microseconds took{0};
};

/// To all addresses at a time: the first that takes it counts.
tcp_connection connect_to(const std::vector<ip_address>& addresses, uint16_t port,
                          std::chrono::milliseconds limit);

/// Waits until it can be read (or written to); false when time is up.
bool ready(int fd, short events, std::chrono::steady_clock::time_point until);

} // namespace senseflow::runtime
