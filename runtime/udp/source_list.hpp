// Who may send datagrams: addresses, CIDR networks and host names.
#pragma once

#include "runtime/net/resolver.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// An IPv4 or IPv6 network.
struct ip_network {
  ip_address address;
  uint8_t prefix_bits = 128;

  bool holds(const ip_address& x) const;
};

/// Fails closed: with no entry that could be understood, or whose address is known, nobody is allowed. Asks
/// nobody itself. Not thread-safe.
class source_list {
public:
  /// Without an answer of a name server what a name stood for before is allowed for so long.
  static constexpr std::chrono::hours longest_silence{24};

  source_list() = default;

  /// Addresses and networks are understood at once, names are `learn`ed.
  explicit source_list(const std::vector<std::string>& entries);

  const std::vector<std::string>& names() const { return names_; }

  /// What a name stands for from now on; others than `names` are ignored.
  void learn(const lookup_result& x, std::chrono::steady_clock::time_point now);

  bool allows(std::string_view address) const;

private:
  std::vector<ip_network> fixed_;
  std::vector<std::string> names_;
  std::vector<std::vector<ip_address>> addresses_; ///< of each of the names
};

} // namespace senseflow::runtime
