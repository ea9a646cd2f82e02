// Everything there is to set, in the order of its declaration.
#pragma once

#include <string>
#include <vector>

namespace senseflow::config {

struct setting_info {
  std::string path; ///< "Butler-SOS.serversToMonitor.servers[].host"
  std::string help;
  std::string limits;        ///< with the unit, as in "1 to 65535"; may be empty
  std::string default_value; ///< as YAML; empty for sections and for what must be given
};

std::vector<setting_info> catalogue();

} // namespace senseflow::config
