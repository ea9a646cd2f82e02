// One connection to an MQTT broker, as an actor needs it: nothing blocks, nothing is buffered out of sight.
#pragma once

#include "messages/publication.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct mqtt_options {
  std::string host;
  uint16_t port = 1883;
  bool tls = false;
  std::string tls_ca_file;          ///< PEM; empty = the system's
  std::string tls_certificate_file; ///< PEM; empty = none is shown
  std::string tls_key_file;         ///< PEM
  std::string tls_key_passphrase;   ///< never logged
  bool tls_verify = true;           ///< certificate and server name
  std::string username;             ///< empty = none
  std::string password;             ///< never logged
  std::string client_id;
  std::chrono::seconds keep_alive{30};
  std::chrono::milliseconds connect_timeout{5000};
  uint32_t window = 64; ///< messages on their way at most

  struct last_will {
    messages::shared_text topic, payload; ///< empty topic = no will
    uint8_t qos = 1;
    bool retain = true;
  } will;
};

struct mqtt_event {
  enum class kind : uint8_t {
    connected,       ///< the broker has accepted us
    connect_failed,  ///< `text` says why; try again later
    connection_lost, ///< `text` says why; all messages on their way have been reported `failed` before
    delivered,       ///< message `token`: PUBACK, PUBCOMP, or written to the socket (QoS 0)
    failed,          ///< message `token`: not known to have been delivered
    refused ///< message `token`: the broker or the protocol will never take it; `text` is one fixed word
  };
  kind what = kind::connected;
  uint64_t token = 0;
  std::string text; ///< one line in plain words, safe to log; never a secret
};

enum class publish_result : uint8_t { sent, window_full, not_connected, refused };

/// Thread-safe. One attempt to connect per `connect`: trying again, and when, is the caller's part.
class mqtt_client {
public:
  virtual ~mqtt_client() =
      default; ///< closes at once; Paho takes leave of the broker, so that no will is sent

  /// `wake` is called on the client's thread when events wait to be taken: once, until they are taken.
  /// If some wait already, it is called from here.
  virtual void on_event(std::function<void()> wake) = 0;

  /// Everything that happened since the last call, in order.
  virtual std::vector<mqtt_event> take_events() = 0;

  /// Starts to connect; the outcome arrives as an event.
  virtual void connect() = 0;

  /// Ends the connection in order (no will is sent); returns after at most `timeout`.
  virtual void disconnect(std::chrono::milliseconds timeout) = 0;

  /// On `sent`, exactly one of delivered, failed, refused follows for `token`.
  virtual publish_result publish(uint64_t token, const messages::mqtt_message& message) = 0;
};

/// The real one, over Paho.
std::unique_ptr<mqtt_client> make_mqtt_client(const mqtt_options& options);

} // namespace senseflow::runtime
