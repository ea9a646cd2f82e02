#include "runtime/mqtt_connect_options.hpp"

#include <mqtt/message.h>
#include <mqtt/ssl_options.h>
#include <mqtt/will_options.h>

#include <fmt/format.h>

namespace senseflow::runtime {
namespace {

// Paho C++ 1.2 has a handler of TLS errors, but calls it through a copy of the options that is gone by then.
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
  return tls;
}

} // namespace

std::string paho_uri(const mqtt_options& o) {
  const auto* scheme = o.tls ? "ssl" : "tcp";
  const auto v6 = o.host.find(':') != std::string::npos;
  return v6 ? fmt::format("{}://[{}]:{}", scheme, o.host, o.port)
            : fmt::format("{}://{}:{}", scheme, o.host, o.port);
}

mqtt::connect_options paho_options(const mqtt_options& o) {
  mqtt::connect_options result;
  result.set_mqtt_version(MQTTVERSION_3_1_1);
  result.set_clean_session(true);
  result.set_automatic_reconnect(false);
  result.set_keep_alive_interval(o.keep_alive);
  result.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(o.connect_timeout));
  result.set_max_inflight(static_cast<int>(o.window));
  if (!o.username.empty()) {
    result.set_user_name(o.username);
    result.set_password(o.password);
  }
  if (o.will.topic.size() > 0)
    result.set_will_message(mqtt::make_message(mqtt::string_ref(o.will.topic.pointer()),
                                               mqtt::binary_ref(o.will.payload.pointer()), o.will.qos,
                                               o.will.retain));
  if (o.tls) result.set_ssl(tls_options(o));
  return result;
}

} // namespace senseflow::runtime
