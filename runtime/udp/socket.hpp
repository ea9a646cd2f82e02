// Datagrams from a UDP port, received in batches on a thread of its own.
#pragma once

#include "runtime/net/address.hpp"
#include "runtime/net/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct datagram {
  std::string bytes;
  std::string from; ///< the sender's address without its port, e.g. "192.0.2.1"; v4-mapped ones as v4
};

struct datagram_counters {
  uint64_t received = 0;     ///< datagrams read from the kernel
  uint64_t kernel_drops = 0; ///< datagrams the kernel dropped because the receive buffer was full
  uint64_t truncated = 0;    ///< of those received: larger than a datagram may be, so cut, and dropped here
};

/// Where an actor takes datagrams from. Bounded: when nobody takes them they stay in the kernel's buffer,
/// and what does not fit there is counted in kernel_drops.
class datagram_source {
public:
  virtual ~datagram_source() = default;

  /// Up to `max` datagrams in order of arrival; empty when there are none at the moment. Thread-safe.
  virtual std::vector<datagram> take(size_t max) = 0;

  /// `wake` is called on the source's thread once there is something to take after a `take` came back with
  /// fewer than asked for (one call for many datagrams), and when the source fails. Replaces the former one;
  /// {} to unset. If there is something to take (or a failure) already, `wake` is called from here, at once.
  virtual void on_readable(std::function<void()> wake) = 0;

  virtual datagram_counters counters() const = 0;

  /// Empty while it works; else why it does not (one line), and the source must be replaced.
  virtual std::string failure() const = 0;

  /// Closes the port. What had arrived before can still be taken. Idempotent.
  virtual void stop() = 0;
};

struct udp_options {
  std::string host;                       ///< to bind to; "" = every IPv4 address
  std::vector<ip_address> addresses;      ///< of a host that is a name
  uint16_t port = 0;                      ///< 0: any free one
  size_t receive_buffer_bytes = 8u << 20; ///< asked of the kernel
  size_t batch = 64;                      ///< datagrams per system call
  size_t buffered = 1024;                 ///< datagrams held here at most
};

struct udp_opened {
  std::shared_ptr<datagram_source> source; ///< null on error
  std::string error;                       ///< what, where and what to do, one line
  uint16_t port = 0;                       ///< the bound one
  size_t receive_buffer_bytes = 0;         ///< what the kernel granted
  std::string
      warning; ///< when it granted less than asked, says the sysctl that helps; what is other than asked
  std::string origin; ///< for the log: ", handed over by …"; empty if it was opened here
};

/// Binds and starts receiving.
udp_opened open_udp(const udp_options& options);

/// Starts receiving from a socket that the service manager keeps open: what is in it at the stop waits there for
/// the next process. Drops before this are not counted.
udp_opened open_handed_over(const unique_fd& handed_over, const udp_options& options);

} // namespace senseflow::runtime
