// What of Paho's C library is under a client of its C++ library.
#pragma once

#include <mqtt/async_client.h>

namespace senseflow::runtime {

/// Both are valid as long as the client. For what the C++ library makes dear: for each message it copies the
/// properties three times, and keeps a token in a list that is searched from its start.
MQTTAsync paho_handle(const mqtt::async_client& client);

/// The client was made with a store. The C library looks functions up here each time.
MQTTClient_persistence& paho_persistence(const mqtt::async_client& client);

} // namespace senseflow::runtime
