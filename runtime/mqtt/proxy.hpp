// The HTTP proxy that connections to a broker go through, if the configuration names one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::runtime {

struct mqtt_proxy {
  std::string host; ///< empty = none
  uint16_t port = 8080;

  std::string name() const; ///< host:port; IPv6 addresses in brackets
};

/// "http://host:port", the port and a slash at the end may be missing; none if it is not that.
mqtt_proxy parse_proxy(std::string_view url);

/// Asks the proxy over this connection, which does not block, for one to `target` ("host:port"): one line on
/// what is wrong, or empty: then it is the connection to the target. Returns when that is known, at the
/// deadline, or when `stop` is readable.
std::string open_tunnel(int connection, const mqtt_proxy& proxy, const std::string& target,
                        std::chrono::steady_clock::time_point deadline, int stop);

/// Paho C takes a proxy from http_proxy and https_proxy, and nothing can tell it not to: takes them out of
/// the environment. To be called before there are other threads.
void forget_proxy_variables();

} // namespace senseflow::runtime
