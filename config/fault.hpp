// What is wrong with a configuration file, where, and what to do about it. Never holds a secret.
#pragma once

#include <string>

namespace senseflow::config {

struct fault {
  std::string file;
  int line = 0; ///< from 1; 0 = the file as a whole
  int column = 0;
  std::string key;     ///< "Butler-SOS.mqttConfig.brokerPort"; empty = none in particular
  std::string problem; ///< what is wrong
  std::string remedy;  ///< what is allowed, or what to do
};

/// "file:3:5: Butler-SOS.mqttConfig.brokerPort is ... Write ..." on one line, control characters escaped.
std::string to_string(const fault& x);

} // namespace senseflow::config
