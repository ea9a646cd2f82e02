#include "runtime/mqtt/paho_errors.hpp"

#include "runtime/mqtt/reasons.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>

namespace senseflow::runtime {
namespace {

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

mqtt_brokers::failure paho_failure::why() const {
  using failure = mqtt_brokers::failure;
  if (dismissal) return failure::other;
  switch (code) {
  case 1:
  case 0x84:
    return failure::refused_version;
  case 0x9a:
    return failure::refused_retain;
  case 0x9b:
    return failure::refused_qos;
  case 5: // of MQTT 3.1.1; it may mean the password, too, as 0x87 does with mosquitto
  case 0x83:
  case 0x87:
  case 0x90:
    return failure::refused_access;
  default:
    return refused() ? failure::other : ended_early() ? failure::ended_early : failure::unreachable;
  }
}

bool paho_failure::timed_out() const { return message.find("timeout") != std::string::npos; }

bool paho_failure::ended_early() const {
  return message.find("completion") != std::string::npos || message.find("socket error") != std::string::npos;
}

std::string connect_problem(const mqtt_options& o, const mqtt_brokers::target& to, const paho_failure& f) {
  const auto broker = "MQTT broker " + to.name();
  if (f.dismissal) return lost_connection(o, to, f.dismissal);
  if (f.refused()) return connack_problem(o, broker, f.code);
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
        "certificate is signed by {}, is for {} and has not expired, and that it accepts our own (to see "
        "why: "
        "openssl s_client -connect {}).",
        broker, o.tls_ca_file.empty() ? "an authority of this system" : o.tls_ca_file, to.host, to.name());
  return fmt::format("{} can't be reached: check that it is running, and host and port{}.", broker,
                     o.transport == mqtt_transport::websocket ? ", and the path of the websocket" : "");
}

std::string lost_connection(const mqtt_options& o, const mqtt_brokers::target& to,
                            const std::optional<mqtt_dismissal>& d) {
  const auto broker = "MQTT broker " + to.name();
  if (!d)
    return fmt::format("The connection to {} was lost: the broker or the network ended it, or another client "
                       "uses the client id \"{}\".",
                       broker, o.client_id);
  auto result = broker + " ended the connection";
  result += d->reason == 0 ? " without giving a reason"
                           : fmt::format(": {} (0x{:02x})", reason_words(d->reason), d->reason);
  if (!d->words.empty()) result += fmt::format("; it says \"{}\"", d->words);
  if (!d->server.empty()) result += fmt::format("; use \"{}\" instead", d->server);
  if (d->reason == 0x8e)
    result += fmt::format("; the client id is \"{}\": give each program a clientId of its own", o.client_id);
  return result + '.';
}

std::string failed_attempt(const mqtt_brokers::target& to, mqtt_brokers::failure why, const std::string& text,
                           mqtt_brokers::advice advice, const mqtt_brokers::target& next) {
  using failure = mqtt_brokers::failure;
  const auto broker = "MQTT broker " + to.name();
  switch (advice) {
  case mqtt_brokers::advice::older_version:
    return fmt::format("{} {}. Trying MQTT 3.1.1.", broker,
                       why == failure::refused_version ? "does not speak MQTT 5"
                                                       : "ended the connection before it was up");
  case mqtt_brokers::advice::lesser_will:
    return fmt::format("{} {}. Reconnecting with an adjusted will.", broker,
                       why == failure::refused_retain ? "keeps no retained messages"
                                                      : "does not serve this quality of service");
  case mqtt_brokers::advice::without_presence:
    return text + " Reconnecting without presence.";
  case mqtt_brokers::advice::next_address:
    return text + " Trying another of its addresses.";
  case mqtt_brokers::advice::next_broker:
    return fmt::format("{} Trying {}.", text, next.name());
  case mqtt_brokers::advice::later:
    break;
  }
  return text;
}

std::string presence_problem(const mqtt_options& o, const mqtt_brokers::target& to, const std::string& why,
                             std::chrono::minutes pause) {
  return fmt::format("MQTT broker {} does not take the presence message (topic {}, QoS {}{}): {}. Continuing "
                     "without it for {} min. Check the broker's access list, or set mqttConfig.presence to "
                     "false.",
                     to.name(), o.presence.topic, to.will_qos, to.will_retain ? ", retained" : "", why,
                     pause.count());
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

} // namespace senseflow::runtime
