// Whether a message of polled state says what the one before has said.
#pragma once

#include "messages/publication.hpp"

namespace senseflow::messages {

/// Numbers that have moved by less than that are the same.
struct deadbands {
  double cpu = 0;     ///< percentage points
  double memory = 0;  ///< MB
  double percent = 0; ///< of what was sent; for memory and counters
};

/// `now` need not be sent after `before`, to the same topic. Texts, lists and numbers without a deadband are
/// the same only to the letter; documents whatever their `timestamp` is, and number by number, as single values
/// are. Numbers of sessions and users have no deadband.
bool same(const mqtt_message& before, const mqtt_message& now, const deadbands& bands);

} // namespace senseflow::messages
