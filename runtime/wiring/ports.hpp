// The UDP ports of the service: whose the sockets are that were handed over, and whether each port is open.
#pragma once

#include "config/settings.hpp"
#include "runtime/udp/handed_over.hpp"
#include "runtime/wiring/options.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Receivers that want a port each, and what sockets are called that are for them.
namespace port_names {
inline constexpr auto user_events = "user-events";
inline constexpr auto log_events = "log-events";
} // namespace port_names

struct known_socket {
  std::string name;
  uint16_t port = 0;
};

/// Index of the socket for user events and of that for log events: by their names, else by the ports that the
/// configuration names, else in their order. A pure function.
struct port_shares {
  std::optional<size_t> user_events;
  std::optional<size_t> log_events;
};
port_shares share_out(const std::vector<known_socket>& sockets, uint16_t user_port, uint16_t log_port);

/// Thread-safe.
class service_ports {
public:
  service_ports() = default;
  service_ports(std::vector<handed_over_socket> sockets, const config::settings& s);

  /// Opens the port of this receiver, from the socket that was handed over if there is one, as often as
  /// it is asked to.
  static port_opener opener(std::shared_ptr<service_ports> ports, std::string receiver);

  /// Why the port can't be opened, empty if it is open; nothing: it was not tried yet.
  std::optional<std::string> trouble(const std::string& receiver) const;

  /// Sockets that nobody has a use for, a line each.
  const std::vector<std::string>& unused() const { return unused_; }

private:
  udp_opened open(const std::string& receiver, const udp_options& o);

  std::map<std::string, unique_fd> handed_over_; ///< by receiver
  std::vector<std::string> unused_;
  mutable std::mutex mutex_; // guards the next
  std::map<std::string, std::string> tried_;
};

} // namespace senseflow::runtime
