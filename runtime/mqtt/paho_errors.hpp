// What Paho reports about a connection, in plain words: what, where, what to do.
#pragma once

#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/client.hpp"

#include <optional>
#include <string>

namespace senseflow::runtime {

/// Why the connection ended: the broker's DISCONNECT, or that it answers no pings. Texts are cleaned.
struct mqtt_dismissal {
  int reason = 0;      ///< its code
  std::string words;   ///< its own
  std::string server;  ///< to be used instead
  bool silent = false; ///< it has not said anything

  mqtt_blame blame() const;
};

/// All that Paho tells when connecting fails.
struct paho_failure {
  int code = 0;        ///< Paho's return code; 1 to 5, 0x80 and above: the broker's CONNACK
  std::string message; ///< Paho's own words; may be empty
  std::optional<mqtt_dismissal> dismissal = {};
  int http_status = 0; ///< that a websocket was refused with; 0 = not known

  mqtt_brokers::failure why() const;
  bool refused() const { return (code >= 1 && code <= 5) || code >= 0x80; }
  bool timed_out() const;
  bool ended_early() const;  ///< the connection ended before the broker's answer
  bool ended_sooner() const; ///< before MQTT: it got no further than TLS or the websocket
};

std::string connect_problem(const mqtt_options& o, const mqtt_brokers::target& to, const paho_failure& f);

std::string lost_connection(const mqtt_options& o, const mqtt_brokers::target& to,
                            const std::optional<mqtt_dismissal>& d);

/// `text`, or better words for it, and what is tried `next`.
std::string failed_attempt(const mqtt_brokers::target& to, mqtt_brokers::failure why, const std::string& text,
                           mqtt_brokers::advice advice, const mqtt_brokers::target& next);

/// A CONNACK with which nothing can be published.
std::string no_receive_maximum(const mqtt_options& o, const mqtt_brokers::target& to);

std::string presence_problem(const mqtt_options& o, const mqtt_brokers::target& to, const std::string& why,
                             std::chrono::minutes pause);

/// The broker does not take it for now; it is told again in a moment.
std::string presence_postponed(const mqtt_options& o, const mqtt_brokers::target& to, const std::string& why,
                               std::chrono::seconds pause);

/// The broker publishes to us, who have subscribed to nothing.
std::string unsolicited_messages(const mqtt_brokers::target& to, const std::string& topic);

/// It does so with QoS 2, and completes none.
std::string unfinished_messages(const mqtt_brokers::target& to);

/// Of a publish that Paho has not accepted.
publish_result paho_result(int code);

} // namespace senseflow::runtime
