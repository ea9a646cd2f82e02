// Which of several addresses takes TCP connections: the question that comes before a host with more than one
// of them.
#pragma once

#include "runtime/net/address.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime {

/// Closes it at its end.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

struct race_result {
  std::optional<ip_address> winner;
  descriptor connection;                               ///< to the winner; does not block
  std::vector<std::pair<ip_address, int>> losers = {}; ///< and their errors (errno); ETIMEDOUT: no answer
};

/// Both families in turn, else in their order.
std::vector<ip_address> interleaved(const std::vector<ip_address>& addresses);

/// Connects to one after the other, each a quarter of a second after the one before, or as soon as that has
/// failed (RFC 8305): the first connection that is up wins. Blocks until then, the deadline, or until `stop`
/// is readable.
race_result race(const std::vector<ip_address>& addresses, uint16_t port,
                 std::chrono::steady_clock::time_point deadline, int stop);

/// "192.0.2.1 refuses connections, 2001:db8::1 does not answer"; the first few.
std::string described(const std::vector<std::pair<ip_address, int>>& losers);

} // namespace senseflow::runtime
