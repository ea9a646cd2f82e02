// Paho C looks names up itself: with getaddrinfo, which may take half a minute, under the lock that all of
// its clients share; and it takes the first IPv4 address. It can't be given the address instead, since it
// takes the name that it tells a TLS server and finds in its certificate from the same place. So its calls of
// getaddrinfo come here, and are answered with what we have found out; nobody else's are. In the same way it is
// handed a connection through a proxy: it would talk to that itself under the lock, for as long as that takes.
#pragma once

#include "runtime/mqtt/connect_race.hpp"
#include "runtime/net/address.hpp"

#include <memory>
#include <string>

namespace senseflow::runtime {

/// Paho will connect to this address when it is told to connect to `host`. Thread-safe. What it has not been
/// told, Paho does not find.
void tell_paho(const std::string& host, const ip_address& address);

/// The next time that Paho connects to `host`, it gets this connection, which does not block. Thread-safe. Of
/// several the newest; those that it has not taken in ten minutes are closed.
void hand_to_paho(const std::string& host, std::shared_ptr<descriptor> connection);

} // namespace senseflow::runtime
