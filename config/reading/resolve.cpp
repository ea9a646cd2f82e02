#include "config/reading/resolve.hpp"

#include "config/files/read_file.hpp"
#include "config/print.hpp"
#include "config/reading/placeholder.hpp"
#include "config/reading/places.hpp"

#include <string_view>

namespace senseflow::config::reading {

namespace {

constexpr size_t max_secret_file_bytes = 65536;

void resolve_base_topic(mqtt_settings& s, findings& found) {
  // An empty one means topics without a prefix, not topics that start with '/'.
  if (s.base_topic.empty() || s.base_topic.back() == '/') return;
  found.warning(&s.base_topic, "is '" + s.base_topic + "', without '/' at the end",
                "Read as '" + s.base_topic + "/'; write it like that.");
  s.base_topic += '/';
}

void resolve_topics(settings& s, const findings& found) {
  auto set = [&](std::string& topic, std::string_view name) {
    if (!found.given(&topic)) topic = s.mqtt.base_topic + std::string(name);
  };
  auto& user = s.user_events.send_to_mqtt.post_to;
  set(user.everything.topic, "userevent");
  set(user.session_start.topic, "userevent/session/start");
  set(user.session_stop.topic, "userevent/session/stop");
  set(user.connection_open.topic, "userevent/connection/open");
  set(user.connection_close.topic, "userevent/connection/close");

  auto& log = s.log_events.send_to_mqtt;
  if (!found.given(&log.post_to.source_topics)) log.post_to.source_topics = !found.given(&log.base_topic);
  log.documented = !found.given(&log.base_topic);
  set(log.base_topic, "logevent");
  for (auto* t : {&user.everything, &user.session_start, &user.session_stop, &user.connection_open,
                  &user.connection_close})
    t->documented = !found.given(&t->topic);
}

// --- secrets --------------------------------------------------------------------------------------

/// What editors and shells leave at the end of a secret: one line end.
std::string without_line_end(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

/// Of the environment; empty if it does not count.
std::string value_of(const std::optional<std::string>& variable) {
  return variable ? without_line_end(*variable) : "";
}

void doubt(const void* setting, const std::string& value, findings& found, const char* elsewhere) {
  if (value == printed_secret)
    found.warning(setting,
                  "is '***', which --print-config writes instead of a secret, and is taken literally",
                  std::string("Write the secret itself, or use ") + elsewhere + ".");
  if (looks_like_secret_placeholder(value))
    found.warning(setting, "looks like a placeholder and is taken literally",
                  std::string("Write the value itself, or use ") + elsewhere + ".");
}

/// From outside the file, where quotes are no syntax.
void doubt_quotes(const void* setting, const std::string& value, findings& found) {
  if (value.size() > 1 && value.front() == value.back() && (value.front() == '"' || value.front() == '\''))
    found.warning(setting, "comes with quotes around it, which are part of it",
                  "Remove them if they are not.");
}

/// A variable that is set wins over the file.
void resolve_secret(secret& s, const std::optional<std::string>& variable, findings& found,
                    const char* name) {
  auto value = value_of(variable);
  if (value.empty()) return doubt(&s, s.reveal(), found, name);
  doubt_quotes(&s, value, found);
  s = secret(std::move(value));
}

void resolve_username(mqtt_settings& s, const environment& env, findings& found) {
  auto value = value_of(env.mqtt_username);
  if (value.empty()) return doubt(&s.username, s.username, found, "SENSEFLOW_MQTT_USERNAME");
  doubt_quotes(&s.username, value, found);
  s.username = std::move(value);
}

struct file_secret {
  const std::string& file;
  secret& value;
  const char* name; ///< what the file holds
};

struct password_settings {
  const std::string& file;
  secret& password;
};

void read_secret_file(const file_secret& s, findings& found) {
  auto name = "names '" + s.file + "', which ";
  auto file = files::read_file(s.file, max_secret_file_bytes);
  if (!file.problem.empty()) return found.fault(&s.file, name + file.problem, file.remedy);
  auto& text = file.text;
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff")
    return found.fault(&s.file, name + "is UTF-16 text", "Save it as UTF-8.");
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.erase(0, byte_order_mark.size());
  text = without_line_end(std::move(text));
  if (text.empty())
    return found.fault(&s.file, name + "is empty", "Write the " + std::string(s.name) + " into it.");
  if (text.find('\n') != text.npos)
    found.warning(&s.file, name + "has more than one line: all of it is the " + s.name, "Keep one line.");
  doubt_quotes(&s.file, text, found);
  s.value = secret(std::move(text));
}

/// The file is read only if it is used.
void resolve_password(const password_settings& s, bool used, const std::optional<std::string>& variable,
                      std::string_view name, findings& found) {
  if (value_of(variable).empty() && used && !s.file.empty())
    read_secret_file({s.file, s.password, "password"}, found);
  else
    resolve_secret(s.password, variable, found, (std::string{name} + " or passwordFile").c_str());
}

/// What the files lack is said when they are checked.
void resolve_admin(admin_settings& s, findings& found) {
  if (!s.token_file.empty()) read_secret_file({s.token_file, s.token, "token"}, found);
  constexpr size_t max_bytes = 1u << 20;
  if (!s.tls.cert_file.empty()) s.tls.certificate = files::read_file(s.tls.cert_file, max_bytes).text;
  if (!s.tls.key_file.empty()) s.tls.key = secret(files::read_file(s.tls.key_file, max_bytes).text);
}

void resolve_virtual_proxies(monitor_settings& s, findings& found) {
  for (auto& server : s.servers)
    for (auto& proxy : server.user_sessions.virtual_proxies)
      if (proxy.empty() || proxy.front() != '/') {
        found.warning(&proxy, "is '" + proxy + "', without '/' at the beginning",
                      "Read as '/" + proxy + "'; write it like that.");
        proxy.insert(0, 1, '/');
      }
}

} // namespace

void resolve(settings& s, const environment& env, findings& found) {
  resolve_places(s, env, found);
  resolve_base_topic(s.mqtt, found);
  resolve_topics(s, found);
  if (!found.given(&s.mqtt.tls.enable))
    s.mqtt.tls.enable = s.mqtt.broker_port == 8883 ||
                        (s.mqtt.broker_port == 443 && s.mqtt.transport == mqtt_transport::websocket);
  resolve_username(s.mqtt, env, found);
  resolve_password({s.mqtt.password_file, s.mqtt.password}, s.mqtt.enable, env.mqtt_password,
                   "SENSEFLOW_MQTT_PASSWORD", found);
  auto& etcd = s.cluster.etcd;
  resolve_password({etcd.password_file, etcd.password}, s.cluster.enable, env.etcd_password,
                   "SENSEFLOW_ETCD_PASSWORD", found);
  if (s.admin.enable) resolve_admin(s.admin, found);
  s.delivery.spool.path_given = found.given(&s.delivery.spool.path);
  resolve_secret(s.mqtt.tls.passphrase, env.mqtt_tls_passphrase, found, "SENSEFLOW_MQTT_TLS_PASSPHRASE");
  resolve_secret(s.cert.passphrase, env.cert_passphrase, found, "SENSEFLOW_CERT_PASSPHRASE");
  resolve_virtual_proxies(s.monitor, found);
}

} // namespace senseflow::config::reading
