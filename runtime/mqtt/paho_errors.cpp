#include "runtime/mqtt/paho_errors.hpp"

#include "runtime/mqtt/reasons.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace senseflow::runtime {
namespace {

// Paho reports a failed look-up only to its trace, on the thread that reports the failed connection right
// after.
thread_local bool name_unknown = false;

void on_trace(MQTTASYNC_TRACE_LEVELS, char* message) {
  if (std::string_view(message).find("getaddrinfo") != std::string_view::npos) name_unknown = true;
}

std::string connack_problem(const mqtt_options& o, const std::string& broker, int code) {
  switch (code) {
  case 1:
  case 0x84:
    return fmt::format("{} does not accept this version of MQTT: update the broker, or change "
                       "protocolVersion.",
                       broker);
  case 2:
  case 0x85:
    return fmt::format("{} does not accept the client id \"{}\": choose another one.", broker, o.client_id);
  case 3:
  case 0x88:
    return fmt::format("{} says that it is not available at the moment: see the broker's log.", broker);
  case 4:
  case 0x86:
    return fmt::format("{} does not accept the user name or the password: check both.", broker);
  case 5:
  case 0x87:
    return fmt::format(
        "{} does not allow {} to connect: check user name, password and the broker's access rules.", broker,
        o.username.empty() ? "clients without a user name" : "this user");
  default:
    return fmt::format("{} refuses the connection: {} (0x{:02x}).", broker, reason_words(code), code);
  }
}

} // namespace

bool paho_failure::timed_out() const { return message.find("timeout") != std::string::npos; }

bool paho_failure::ended_early() const {
  return message.find("completion") != std::string::npos || message.find("socket error") != std::string::npos;
}

std::string connect_problem(const mqtt_options& o, const mqtt_brokers::target& to, const paho_failure& f) {
  const auto broker = "MQTT broker " + to.name();
  if (f.name_unknown)
    return fmt::format("{}: the address of {} was not found. Check the host name and the name server.",
                       broker, to.host);
  if ((f.code >= 1 && f.code <= 5) || f.code >= 0x80) return connack_problem(o, broker, f.code);
  if (f.timed_out())
    return fmt::format(
        "{} has not answered within {} ms: check host, port and firewalls, and that it is running.", broker,
        o.connect_timeout.count());
  if (f.ended_early())
    return fmt::format("{} ended the connection before it was up: check the port ({}).", broker,
                       o.tls ? "it may not speak TLS, or not accept our client certificate"
                             : "it may expect TLS");
  if (o.tls)
    return fmt::format(
        "{} can't be reached, or TLS with it failed: check that it is running, host and port, that its "
        "certificate is signed by {}, is for {} and has not expired, and that it accepts our own. To see "
        "why: openssl s_client -connect {}",
        broker, o.tls_ca_file.empty() ? "an authority of this system" : o.tls_ca_file, to.host, to.name());
  return fmt::format("{} can't be reached: check that it is running, and host and port{}.", broker,
                     o.transport == mqtt_transport::websocket ? ", and the path of the websocket" : "");
}

std::string lost_connection(const mqtt_options& o, const mqtt_brokers::target& to, int reason,
                            const std::string& words) {
  const auto broker = "MQTT broker " + to.name();
  if (reason != 0)
    return fmt::format("{} ended the connection: {} (0x{:02x}){}{}", broker, reason_words(reason), reason,
                       words.empty() ? "" : "; it says \"" + words + "\"",
                       reason == 0x8e ? fmt::format("; the client id is \"{}\"", o.client_id) : "");
  return fmt::format("The connection to {} was lost: the broker or the network ended it, or another client "
                     "uses the client id \"{}\".",
                     broker, o.client_id);
}

publish_result paho_result(int code) {
  switch (code) {
  case MQTTASYNC_MAX_BUFFERED_MESSAGES:
  case MQTTASYNC_MAX_MESSAGES_INFLIGHT:
  case MQTTASYNC_NO_MORE_MSGIDS:
    return publish_result::window_full;
  case MQTTASYNC_BAD_UTF8_STRING:
  case MQTTASYNC_BAD_QOS:
  case MQTTASYNC_TOPICNAME_TRUNCATED:
    return publish_result::refused;
  default:
    return publish_result::not_connected;
  }
}

void watch_paho_errors() {
  MQTTAsync_setTraceCallback(&on_trace);
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
}

bool take_name_unknown() { return std::exchange(name_unknown, false); }

} // namespace senseflow::runtime
