// Every setting with the value it has: for comparing two configurations.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace senseflow::config {

struct effective_setting {
  std::string path;  ///< "mqttConfig.brokerPort", "serversToMonitor.servers[0].host"
  std::string value; ///< as YAML; of a secret a hash, to compare it by: never to be shown
  bool hidden = false;
};

/// In the order of declaration.
std::vector<effective_setting> effective(const settings& x);

} // namespace senseflow::config
