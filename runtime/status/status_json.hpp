// A node's state as JSON: for the status page (README.md has the fields), and the short forms for scripts and for MQTT.
#pragma once

#include "runtime/status/status.hpp"

#include <string>

namespace senseflow::runtime {

/// Pure functions. At most this many conditions are listed; one more, `more`, says how many there are besides.
inline constexpr size_t most_conditions = 50;

std::string health_json(const node_status& x);
std::string status_json(const node_status& x);
/// What a node tells of itself over MQTT: config/schemas/node-health.json.
std::string node_health_json(const node_status& x);

} // namespace senseflow::runtime
