// What others may ask of the program over MQTT (`requests`). Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::config {

struct request_settings {
  bool enable = false;
  std::vector<std::string> allow{"ping", "status"}; ///< names of commands
  std::string response_prefix;                      ///< empty = `<baseTopic>senseflow/`
  uint32_t max_per_second = 10;
  uint32_t max_waiting = 100;
  std::chrono::milliseconds max_age{10000};
  uint32_t replay_events = 1000; ///< of each class, that are kept for `replay`
};

} // namespace senseflow::config
