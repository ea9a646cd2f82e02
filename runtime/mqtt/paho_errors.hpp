// What Paho reports about a connection, in plain words: what, where, what to do.
#pragma once

#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/client.hpp"

#include <optional>
#include <string>

namespace senseflow::runtime {

/// The broker's DISCONNECT; texts are cleaned.
struct mqtt_dismissal {
  int reason = 0;     ///< its code
  std::string words;  ///< its own
  std::string server; ///< to be used instead
};

/// All that Paho tells when connecting fails.
struct paho_failure {
  int code = 0;        ///< Paho's return code; 1 to 5, 0x80 and above: the broker's CONNACK
  std::string message; ///< Paho's own words; may be empty
  std::optional<mqtt_dismissal> dismissal = {};

  mqtt_brokers::failure why() const;
  bool refused() const { return (code >= 1 && code <= 5) || code >= 0x80; }
  bool timed_out() const;
  bool ended_early() const; ///< the connection ended before the broker's answer
};

std::string connect_problem(const mqtt_options& o, const mqtt_brokers::target& to, const paho_failure& f);

std::string lost_connection(const mqtt_options& o, const mqtt_brokers::target& to,
                            const std::optional<mqtt_dismissal>& d);

/// `text`, or better words for it, and what is tried `next`.
std::string failed_attempt(const mqtt_brokers::target& to, mqtt_brokers::failure why, const std::string& text,
                           mqtt_brokers::advice advice, const mqtt_brokers::target& next);

std::string presence_problem(const mqtt_options& o, const mqtt_brokers::target& to, const std::string& why,
                             std::chrono::minutes pause);

/// Of a publish that Paho has not accepted.
publish_result paho_result(int code);

} // namespace senseflow::runtime
