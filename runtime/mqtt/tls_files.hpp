// Looks at the TLS files of an MQTT connection before Paho does, which can't say what is wrong with them.
#pragma once

#include "runtime/mqtt/client.hpp"

#include <string>

namespace senseflow::runtime {

/// What keeps the files from being used: one line, what, where and what to do, without
/// secrets. Empty if nothing.
std::string tls_file_problem(const mqtt_options& o);

} // namespace senseflow::runtime
