#include "runtime/paho_errors.hpp"

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

std::string broker(const mqtt_options& o) { return fmt::format("MQTT broker {}:{}", o.host, o.port); }

std::string connack_problem(const mqtt_options& o, int code) {
  switch (code) {
  case 1:
    return fmt::format("{} does not accept this version of MQTT: update the broker.", broker(o));
  case 2:
    return fmt::format("{} does not accept the client id \"{}\": choose another one.", broker(o),
                       o.client_id);
  case 3:
    return fmt::format("{} says that it is not available at the moment: see the broker's log.", broker(o));
  case 4:
    return fmt::format("{} does not accept the user name or the password: check both.", broker(o));
  default:
    return fmt::format(
        "{} does not allow {} to connect: check user name, password and the broker's access rules.",
        broker(o), o.username.empty() ? "clients without a user name" : "this user");
  }
}

} // namespace

std::string connect_problem(const mqtt_options& o, const paho_failure& f) {
  if (f.name_unknown)
    return fmt::format("{}: the address of {} was not found. Check the host name and the name server.",
                       broker(o), o.host);
  if (f.code >= 1 && f.code <= 5) return connack_problem(o, f.code);
  if (f.message.find("timeout") != std::string::npos)
    return fmt::format(
        "{} has not answered within {} ms: check host, port and firewalls, and that it is running.",
        broker(o), o.connect_timeout.count());
  if (f.message.find("completion") != std::string::npos ||
      f.message.find("socket error") != std::string::npos)
    return fmt::format("{} ended the connection before it was up: check the port ({}).", broker(o),
                       o.tls ? "it may not speak TLS, or not accept our client certificate"
                             : "it may expect TLS");
  if (o.tls)
    return fmt::format(
        "{} can't be reached, or TLS with it failed: check that it is running, host and port, that its "
        "certificate is signed by {}, is for {} and has not expired, and that it accepts our own. To see "
        "why: openssl s_client -connect {}:{}",
        broker(o), o.tls_ca_file.empty() ? "an authority of this system" : o.tls_ca_file, o.host, o.host,
        o.port);
  return fmt::format("{} can't be reached: check that it is running, and host and port.", broker(o));
}

std::string lost_connection(const mqtt_options& o) {
  return fmt::format(
      "The connection to {} was lost: the broker or the network ended it, or another client uses the "
      "client id \"{}\".",
      broker(o), o.client_id);
}

void watch_paho_errors() {
  MQTTAsync_setTraceCallback(&on_trace);
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
}

bool take_name_unknown() { return std::exchange(name_unknown, false); }

} // namespace senseflow::runtime
