#include "runtime/mqtt/paho_connect_options.hpp"

#include "runtime/mqtt/presence.hpp"

#include <fmt/format.h>
#include <mqtt/properties.h>
#include <mqtt/ssl_options.h>
#include <mqtt/will_options.h>

namespace senseflow::runtime {
namespace {

// The wrapper has a handler of TLS errors, but calls it through a copy of the options that is gone by then.
mqtt::ssl_options tls_options(const mqtt_options& o) {
  mqtt::ssl_options tls;
  if (!o.tls_ca_file.empty()) tls.set_trust_store(o.tls_ca_file); // else OpenSSL's own: the system's
  if (!o.tls_certificate_file.empty()) {
    tls.set_key_store(o.tls_certificate_file);
    if (!o.tls_key_file.empty()) tls.set_private_key(o.tls_key_file);
    // Without any passphrase OpenSSL would ask for it on the terminal, and Paho stand still.
    tls.set_private_key_password(o.tls_key_passphrase.empty() ? "-" : o.tls_key_passphrase);
  }
  tls.set_enable_server_cert_auth(o.tls_verify);
  tls.set_verify(o.tls_verify);
  if (!o.tls_alpn.empty()) tls.set_alpn_protos(o.tls_alpn);
  // The server's name (SNI) Paho sends on its own: the host as configured, an address, too.
  return tls;
}

} // namespace

std::string paho_uri(const mqtt_options& o, const mqtt_brokers::target& to) {
  if (o.transport == mqtt_transport::tcp) return fmt::format("{}://{}", o.tls ? "ssl" : "tcp", to.name());
  return fmt::format("{}://{}{}", o.tls ? "wss" : "ws", to.name(), o.path);
}

void set_paho_options(mqtt::connect_options& result, const mqtt_options& o, const mqtt_brokers::target& to,
                      bool clean) {
  result.set_mqtt_version(to.mqtt5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1);
  if (to.mqtt5) {
    result.set_clean_start(clean);
    mqtt::properties more{{mqtt::property::SESSION_EXPIRY_INTERVAL,
                           static_cast<int32_t>(static_cast<uint32_t>(o.session_expiry.count()))}};
    constexpr int32_t header = 66'000; // the longest topic, and what else there may be
    if (!o.subscriptions.empty())      // Paho would read the rest, too, before we can say no
      more.add({mqtt::property::MAXIMUM_PACKET_SIZE, static_cast<int32_t>(mqtt_largest_received) + header});
    result.set_properties(more);
  } else {
    result.set_clean_session(clean);
  }
  result.set_automatic_reconnect(false);
  result.set_keep_alive_interval(to.keep_alive);
  result.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(o.connect_timeout));
  result.set_max_inflight(static_cast<int>(o.window) + 1); // presence is extra
  if (!o.username.empty()) {
    result.set_user_name(o.username);
    result.set_password(o.password);
  }
  if (to.presence)
    result.set_will(mqtt::will_options(o.presence.topic, mqtt::binary_ref(presence::offline), to.will_qos,
                                       to.will_retain));
  if (o.tls) result.set_ssl(tls_options(o));
}

} // namespace senseflow::runtime
