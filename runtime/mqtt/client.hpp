// One connection to an MQTT broker, as an actor needs it: nothing blocks, nothing is buffered out of sight.
#pragma once

#include "messages/publication.hpp"
#include "runtime/mqtt/connack.hpp"
#include "runtime/mqtt/proxy.hpp"
#include "runtime/mqtt/publish_properties.hpp"
#include "runtime/net/resolver.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

enum class mqtt_version : uint8_t {
  automatic, ///< MQTT 5; 3.1.1 with brokers that don't speak it, see mqtt_brokers
  v5,
  v311
};

enum class mqtt_transport : uint8_t { tcp, websocket };

struct mqtt_broker_address {
  std::string host;
  uint16_t port = 1883;
};

struct mqtt_subscription {
  std::string filter;
  uint8_t qos = 1;
  bool no_local = false;            ///< not what we publish ourselves (MQTT 5)
  bool retain_as_published = false; ///< `retain` also of what the broker is to keep from now on (MQTT 5)
};

/// Of what a broker sends to a subscriber: more waits nowhere, and is discarded.
inline constexpr size_t mqtt_most_received = 1000;
inline constexpr size_t mqtt_most_received_bytes = 8 << 20;
inline constexpr size_t mqtt_largest_received = 100 * 1024; ///< bytes of one

/// What a broker sends to a subscriber.
struct mqtt_received : messages::mqtt_message {
  // With MQTT 5, as whoever published it has written it:
  std::string response_topic; ///< "" = none
  std::string correlation;    ///< bytes
  std::map<std::string, std::string>
      user; ///< the first 20 user properties; longer texts than 256 bytes are left out
};

struct mqtt_options {
  std::string host;
  uint16_t port = 1883;
  std::vector<mqtt_broker_address> further_brokers; ///< in fail-over order, after the first
  mqtt_version version = mqtt_version::automatic;
  mqtt_transport transport = mqtt_transport::tcp;
  std::string path = "/mqtt"; ///< of the websocket
  mqtt_proxy proxy;           ///< the environment's is never used
  bool tls = false;
  std::string tls_ca_file;           ///< PEM; empty = the system's
  std::string tls_certificate_file;  ///< PEM; empty = none is shown
  std::string tls_key_file;          ///< PEM
  std::string tls_key_passphrase;    ///< never logged
  bool tls_verify = true;            ///< certificate and server name
  std::vector<std::string> tls_alpn; ///< protocols offered, 1 to 255 bytes each; empty = no ALPN
  std::string username;              ///< empty = none
  std::string password;              ///< never logged
  std::string client_id;             ///< not empty
  std::chrono::seconds keep_alive{30};
  std::chrono::seconds session_expiry{300}; ///< how long the broker keeps our session; 0 = not at all
  std::chrono::milliseconds connect_timeout{5000};
  uint32_t window = 64; ///< messages on their way at most

  std::string instance; ///< user property of presence, and of what is to have it (MQTT 5); "" = none

  std::vector<mqtt_subscription> subscriptions; ///< made anew with each connection; QoS 0 or 1
  /// The session outlives this process, whatever way it ends: what came meanwhile is received. Publish with
  /// QoS 2 only without it.
  bool keeps_session = false;

  /// Tells subscribers whether we are there: `online` after each connection, before anything else; `offline`
  /// when we take leave, and from the broker (as the will) when it loses us. Retained, QoS 1. Left out for a
  /// time where the broker does not take it.
  struct {
    std::string topic;              ///< empty = off
    std::chrono::seconds again{30}; ///< after the broker has said "not now"
  } presence;
};

/// A connection that lasted so long was a good one.
inline constexpr std::chrono::seconds mqtt_stable_after{5};

/// Whether a connection ended because of what was on its way.
enum class mqtt_blame : uint8_t {
  none,    ///< this side ended it, or the other one has fallen silent
  perhaps, ///< the broker gave a reason that has nothing to do with it, or none
  likely   ///< it hung up, or gave a reason that has
};

struct mqtt_event {
  enum class kind : uint8_t {
    connected,       ///< a broker has accepted us; `connack` has what it said, `text` the same as a line
    connect_failed,  ///< all were tried: try again later. `text`: why; `token`: code of a refusal, or 0
    try_again,       ///< `text` says why; call `connect` at once: another broker or another way is next
    connection_lost, ///< `text` says why; what can't be continued has been reported `failed` or `unsent`
                     ///< before
    presence_denied, ///< `text` says why the broker was not told that we are there; all else goes on
    unsolicited,     ///< the broker sends us messages, `token` of them since the last such event: discarded
    subscribed,      ///< the broker has granted all subscriptions
    subscription_denied, ///< number `token` of them; `text` says which and why. For certain with MQTT 5 only
    received,            ///< `message` came from the broker
    discarded,           ///< `token` messages that came from the broker; `text` is one fixed word
    delivered,           ///< message `token`: PUBACK, PUBCOMP, or written to the socket (QoS 0)
    failed, ///< message `token`: not known to have been delivered; with a `text`, one fixed word:
            ///< the broker does not take it for now
    unsent, ///< message `token`: has not left, and will not: send it again
    refused ///< message `token`: the broker or the protocol will never take it; `text` is one fixed word
  };
  kind what = kind::connected;
  uint64_t token = 0;
  std::string text = {}; ///< one line in plain words, safe to log; never a secret
  std::shared_ptr<const mqtt_connack> connack = {};
  mqtt_blame blame = mqtt_blame::likely;             ///< connection_lost
  bool announced = false;                            ///< connected: the broker has taken our presence
  std::shared_ptr<const mqtt_received> message = {}; ///< received
  std::chrono::steady_clock::time_point when{};      ///< delivered, received
};

enum class publish_result : uint8_t {
  sent,
  window_full, ///< also while messages of the former connection are being completed
  not_connected,
  refused,  ///< MQTT can't carry it
  too_large ///< the broker takes no packet of that size
};

/// Thread-safe. One attempt to connect per `connect`: trying again, and when, is the caller's part.
///
/// Sessions: the first connection starts clean, since what a former process had on its way is not known any
/// more; later ones resume the session (if session_expiry is not 0), and what was on its way with QoS 2 over
/// a lost connection is completed by the next one: it arrives exactly once. Until then it stays on its way.
/// If the broker does not know the session any more, it is reported `failed` before `connected`. The rest
/// ends before `connection_lost`: what had not been written `unsent`; of QoS 1 what had been, and of QoS 0
/// the one that may have been half written, `failed`. (What is being published at that moment may end right
/// after.) What the next connection completes is reported `delivered` even if the broker refuses it then:
/// Paho does not tell the reason code of what another of its clients has sent.
class mqtt_client {
public:
  /// Takes leave of the broker, so that no will is sent; blocks only with presence, half a second at most.
  virtual ~mqtt_client() = default;

  /// `wake` is called on the client's thread when events wait to be taken: once, until they are taken.
  /// If some wait already, it is called from here. It is not called for deliveries before they are a quarter
  /// of the window (half of a small one) or one is awaited: have a look of your own, too.
  virtual void on_event(std::function<void()> wake) = 0;

  /// Everything that happened since the last call, in order.
  /// Closes what is left of a lost connection: not to be called from `wake`.
  virtual std::vector<mqtt_event> take_events() = 0;

  /// Starts to connect; the outcome arrives as an event.
  virtual void connect() = 0;

  /// Gives up the connection, if there is one, as if it had been lost: `why` is the event's text.
  virtual void drop(std::string why) = 0;

  /// To be called once a second: finds what nobody reports, such as a connection that is gone without a word.
  virtual void watch() = 0;

  /// Tells subscribers once more that we are there, with the next `watch`; where the broker takes presence.
  virtual void announce() = 0;

  /// Ends the connection and the session in order (no will is sent); returns after at most `timeout`.
  virtual void disconnect(std::chrono::milliseconds timeout) = 0;

  /// On `sent`, exactly one of delivered, failed, unsent, refused follows for `token`.
  virtual publish_result publish(uint64_t token, const messages::mqtt_message& message,
                                 const publish_properties& properties) = 0;
};

/// The real one, over Paho. Of brokers with several addresses all are tried. `names` may be shared; without
/// it the client makes one of its own when there is a name to look up.
std::unique_ptr<mqtt_client> make_mqtt_client(const mqtt_options& options,
                                              std::shared_ptr<resolver> names = {});

} // namespace senseflow::runtime
