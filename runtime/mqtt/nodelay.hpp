// Paho sets no socket option: with Nagle's algorithm on, small messages wait for the broker's delayed
// acknowledgement, 40 ms at a time. This switches it off from outside.
#pragma once

#include <cstdint>
#include <string>

namespace senseflow::runtime {

/// Sets TCP_NODELAY on this process's TCP connections to `port` that do not have it yet: to be called when a
/// connection is up, every time. A numeric `host` is compared too; a name is not looked up, since that may
/// block. Returns how many connections were changed.
int switch_nagle_off(const std::string& host, uint16_t port);

} // namespace senseflow::runtime
