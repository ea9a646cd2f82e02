// Who may send datagrams: addresses, CIDR networks and host names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// An IPv4 or IPv6 network; IPv4 is held as v4-mapped IPv6.
struct ip_network {
  std::array<uint8_t, 16> address{};
  uint8_t prefix_bits = 128;

  bool holds(const std::array<uint8_t, 16>& x) const;
};

/// Fails closed: with no entry that could be understood or resolved, nobody is allowed. Not thread-safe.
class source_list {
public:
  source_list() = default;

  /// Addresses and networks are understood at once, names by `resolve`.
  explicit source_list(const std::vector<std::string>& entries);

  /// Asks for the addresses of all names; may block for as long as the system's resolver does. A name that
  /// can't be resolved (any more) allows nothing; returns those.
  std::vector<std::string> resolve();

  bool has_names() const { return !names_.empty(); }
  bool allows(std::string_view address) const;

private:
  std::vector<ip_network> fixed_;
  std::vector<ip_network> resolved_;
  std::vector<std::string> names_;
};

} // namespace senseflow::runtime
