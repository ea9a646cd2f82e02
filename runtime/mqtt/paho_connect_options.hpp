// Our options of an MQTT connection as Paho's.
#pragma once

#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/client.hpp"

#include <mqtt/connect_options.h>

#include <string>

namespace senseflow::runtime {

/// "tcp://host:port", "ssl://…", "ws://host:port/path" or "wss://…".
std::string paho_uri(const mqtt_options& o, const mqtt_brokers::target& to);

/// Fills `result`, which must stay where it is until Paho has taken it: the properties in a copy of it refer
/// to the original's (Paho C++ 1.2).
void set_paho_options(mqtt::connect_options& result, const mqtt_options& o, const mqtt_brokers::target& to,
                      bool clean);

} // namespace senseflow::runtime
