// Our options of an MQTT connection as Paho's.
#pragma once

#include "runtime/mqtt_client.hpp"

#include <mqtt/connect_options.h>

#include <string>

namespace senseflow::runtime {

/// "tcp://host:port" or "ssl://host:port"; IPv6 addresses in brackets.
std::string paho_uri(const mqtt_options& o);

/// Throws what Paho throws for options it can't use.
mqtt::connect_options paho_options(const mqtt_options& o);

} // namespace senseflow::runtime
