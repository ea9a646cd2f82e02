// The broker and how to talk to it (`mqttConfig`). Plain values; concrete and checked once loaded.
#pragma once

#include "config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::config {

struct mqtt_tls_settings {
  bool enable = false;           ///< absent in the file: on if the port is 8883, or 443 with a websocket
  std::string ca_file;           ///< PEM; empty = the system's
  std::string cert_file;         ///< PEM; empty = none is shown
  std::string key_file;          ///< PEM
  secret passphrase;             ///< of the key; SENSEFLOW_MQTT_TLS_PASSPHRASE wins over the file
  bool verify = true;            ///< the broker's certificate and name
  std::vector<std::string> alpn; ///< protocols offered; none = no ALPN
};

enum class mqtt_protocol : uint8_t { automatic, v5, v311 };
enum class mqtt_transport : uint8_t { tcp, websocket };

struct mqtt_broker_settings {
  std::string host;
  uint16_t port = 1883;
};

struct mqtt_settings {
  bool enable = false;
  std::string broker_host;
  uint16_t broker_port = 1883;
  std::vector<mqtt_broker_settings> brokers; ///< further ones, in fail-over order
  mqtt_protocol protocol_version = mqtt_protocol::automatic;
  mqtt_transport transport = mqtt_transport::tcp;
  std::string path = "/mqtt";             ///< of the websocket
  std::string proxy;                      ///< http://host:port; empty = none
  bool presence = true;                   ///< say online and offline
  std::string base_topic = "butler-sos/"; ///< once loaded: empty, or ends with '/'
  std::string username;                   ///< empty = none; SENSEFLOW_MQTT_USERNAME wins over the file
  secret password; ///< SENSEFLOW_MQTT_PASSWORD wins, then password_file, then `password`
  std::string password_file;
  std::string client_id; ///< empty = senseflow-<node>-<number of the publisher>
  std::chrono::seconds keep_alive{30};
  std::chrono::seconds session_expiry{300}; ///< 0 = no session

  struct {
    uint8_t events = 1;
    uint8_t state = 0;
  } qos;

  struct {
    bool events = false;
    bool state = true; ///< documented layout only: what Butler SOS publishes is never retained
  } retain;

  /// MQTT 5 message expiry; 0 = never.
  struct {
    std::chrono::seconds events{0};
    std::chrono::seconds state{0};
  } expiry;

  /// Polled state that has not changed is not published again.
  struct {
    bool values = false;     ///< Butler SOS layout
    bool documented = false; ///< JSON objects of the documented and the flat layout
    /// Numbers that have moved by less than that since they were published count as unchanged.
    struct {
      uint32_t cpu = 0;     ///< percentage points
      uint32_t memory = 0;  ///< MB
      uint32_t percent = 0; ///< of memory, or of a counter
    } deadband;
    std::chrono::milliseconds refresh_every{600'000};
  } on_change;

  /// What is looked for at the broker.
  struct {
    bool leftovers = false; ///< retained messages of former configurations
    bool namesake = false;  ///< another program with the same `node`
  } look_around;

  mqtt_tls_settings tls;
};

} // namespace senseflow::config
