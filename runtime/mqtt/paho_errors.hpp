// What Paho reports about a connection, in plain words: what, where, what to do.
#pragma once

#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/client.hpp"

#include <string>

namespace senseflow::runtime {

/// All that Paho tells when connecting fails.
struct paho_failure {
  int code = 0;              ///< Paho's return code; 1 to 5, 0x80 and above: the broker's CONNACK
  std::string message;       ///< Paho's own words; may be empty
  bool name_unknown = false; ///< the host name was not found

  bool refused_version() const { return code == 1 || code == 0x84; }
  bool refused_retain() const { return code == 0x9a; }
  bool refused_qos() const { return code == 0x9b; }
  bool timed_out() const;
  bool ended_early() const; ///< the connection ended before the broker's answer
};

std::string connect_problem(const mqtt_options& o, const mqtt_brokers::target& to, const paho_failure& f);

/// `reason`: of the broker's DISCONNECT; 0 = it said nothing. `words`: its own, cleaned.
std::string lost_connection(const mqtt_options& o, const mqtt_brokers::target& to, int reason,
                            const std::string& words);

/// Of a publish that Paho has not accepted.
publish_result paho_result(int code);

/// Notes what Paho's threads report on name look-ups; to be called before the first client is made.
void watch_paho_errors();

/// True when the last look-up on this (Paho's) thread failed since the last call.
bool take_name_unknown();

} // namespace senseflow::runtime
