// Paho C looks names up itself: with getaddrinfo, which may take half a minute, under the lock that all of
// its clients share; and it takes the first IPv4 address. It can't be given the address instead, since it
// takes the name that it tells a TLS server and finds in its certificate from the same place. So its calls of
// getaddrinfo come here, and are answered with what we have found out; nobody else's are.
#pragma once

#include "runtime/net/address.hpp"

#include <string>

namespace senseflow::runtime {

/// Paho will connect to this address when it is told to connect to `host`. Thread-safe. What it has not been
/// told, Paho does not find.
void tell_paho(const std::string& host, const ip_address& address);

} // namespace senseflow::runtime
