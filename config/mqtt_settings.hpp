// The broker and how to talk to it (`mqttConfig`). Plain values; concrete and checked once loaded.
#pragma once

#include "config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace senseflow::config {

struct mqtt_tls_settings {
  bool enable = false;   ///< absent in the file: on if the port is 8883
  std::string ca_file;   ///< PEM; empty = the system's
  std::string cert_file; ///< PEM; empty = none is shown
  std::string key_file;  ///< PEM
  secret passphrase;     ///< of the key
  bool verify = true;    ///< the broker's certificate and name
};

struct mqtt_settings {
  bool enable = false;
  std::string broker_host;
  uint16_t broker_port = 1883;
  std::string base_topic = "butler-sos/"; ///< once loaded: empty, or ends with '/'
  std::string username;                   ///< empty = none; SENSEFLOW_MQTT_USERNAME wins over the file
  secret password; ///< SENSEFLOW_MQTT_PASSWORD wins, then password_file, then `password`
  std::string password_file;
  std::string client_id; ///< empty = made up at start
  std::chrono::seconds keep_alive{30};

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

  mqtt_tls_settings tls;
};

} // namespace senseflow::config
