#include "runtime/paho_errors.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

namespace senseflow::runtime {
namespace {

// Paho reports a failed look-up only to its trace, on the thread that reports the failed connection right
// after.
thread_local bool name_unknown = false;

void on_trace(MQTTASYNC_TRACE_LEVELS, char* message) {
  if (std::string_view(message).find("getaddrinfo") != std::string_view::npos) name_unknown = true;
}

std::string broker(const mqtt_options& o) { return fmt::format("MQTT broker {}:{}", o.host, o.port); }

// "thread:error:code:library:function:reason:file:line:data"
std::string reason_of(const std::string& openssl_line) {
  std::vector<std::string> fields(1);
  for (const auto c : openssl_line) {
    if (c == ':')
      fields.emplace_back();
    else if (c != '\n' && c != '\r')
      fields.back() += c;
  }
  return fields.size() > 5 && !fields[5].empty() ? fields[5] : fields.back();
}

std::string tls_problem(const mqtt_options& o, const std::string& openssl_line) {
  const auto reason = reason_of(openssl_line);
  const auto says = [&](std::string_view part) { return reason.find(part) != std::string::npos; };
  if (says("certificate verify failed"))
    return fmt::format(
        "{} showed a certificate that can't be trusted ({}): name the file of the CA that signed it, and "
        "check that it has not expired.",
        broker(o), reason);
  if (says("wrong version number") || says("unexpected eof") || says("packet length"))
    return fmt::format(
        "{} does not answer in TLS ({}): check the port (8883 is usual for TLS, 1883 for plain MQTT).",
        broker(o), reason);
  if (says("bad decrypt") || says("bad password") || says("bad end line"))
    return fmt::format("The key {} for {} can't be opened ({}): check its passphrase.", o.tls_key_file,
                       broker(o), reason);
  if (says("key values mismatch"))
    return fmt::format("The key {} does not belong to the certificate {} ({}), so that {} can't be reached.",
                       o.tls_key_file, o.tls_certificate_file, reason, broker(o));
  if (says("alert") || says("certificate required"))
    return fmt::format(
        "{} ended the TLS handshake ({}): it may ask for a client certificate, or not trust ours.", broker(o),
        reason);
  return fmt::format("TLS with {} failed ({}): check the certificate files and the port.", broker(o), reason);
}

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
  if (!f.tls_error.empty()) return tls_problem(o, f.tls_error);
  if (f.code >= 1 && f.code <= 5) return connack_problem(o, f.code);
  if (f.message.find("timeout") != std::string::npos)
    return fmt::format(
        "{} has not answered within {} ms: check host, port and firewalls, and that it is running.",
        broker(o), o.connect_timeout.count());
  if (f.message.find("completion") != std::string::npos ||
      f.message.find("socket error") != std::string::npos)
    return fmt::format("{} ended the connection before it was up: check the port ({}).", broker(o),
                       o.tls ? "it may not speak TLS" : "it may expect TLS");
  if (o.tls && o.tls_verify)
    return fmt::format(
        "{} can't be reached, or its certificate is for another name than {}: check that it is running, "
        "host, port and certificate.",
        broker(o), o.host);
  return fmt::format("{} can't be reached: check that it is running, and host and port.", broker(o));
}

std::string tls_file_problem(const mqtt_options& o) {
  if (!o.tls) return {};
  const std::pair<const char*, const std::string&> files[] = {
      {"CA certificate", o.tls_ca_file},
      {"client certificate", o.tls_certificate_file},
      {"key of the client certificate", o.tls_key_file}};
  for (const auto& [what, file] : files)
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
      return fmt::format("The {} {} for {} can't be read ({}): check the path and the file's permissions.",
                         what, file, broker(o), std::system_category().message(errno));
  return {};
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
