// How Home Assistant is told of the Sense servers (`homeAssistant`). Plain values.
#pragma once

#include <string>

namespace senseflow::config {

struct home_assistant_settings {
  bool enable = false;
  std::string discovery_prefix = "homeassistant";
  std::string status_topic = "homeassistant/status"; ///< where Home Assistant says that it is there
  bool user_events = false;
};

} // namespace senseflow::config
