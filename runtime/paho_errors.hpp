// What Paho reports about a connection, in plain words: what, where, what to do.
#pragma once

#include "runtime/mqtt_client.hpp"

#include <string>

namespace senseflow::runtime {

/// All that Paho tells when connecting fails.
struct paho_failure {
  int code = 0;              ///< Paho's return code; 1 to 5: the broker's CONNACK
  std::string message;       ///< Paho's own words; may be empty
  bool name_unknown = false; ///< the host name was not found
};

std::string connect_problem(const mqtt_options& o, const paho_failure& f);

std::string lost_connection(const mqtt_options& o);

/// Notes what Paho's threads report on name look-ups; to be called before the first client is made.
void watch_paho_errors();

/// True when the last look-up on this (Paho's) thread failed since the last call.
bool take_name_unknown();

} // namespace senseflow::runtime
