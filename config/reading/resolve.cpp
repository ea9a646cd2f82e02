#include "config/reading/resolve.hpp"

#include "config/reading/files.hpp"

#include <string_view>

namespace senseflow::config::reading {

namespace {

constexpr size_t max_password_file_bytes = 65536;

void resolve_base_topic(mqtt_settings& s, findings& found) {
  // An empty one means topics without a prefix, not topics that start with '/'.
  if (s.base_topic.empty() || s.base_topic.back() == '/') return;
  found.warning(&s.base_topic, "is '" + s.base_topic + "', without '/' at its end",
                "Taken as '" + s.base_topic + "/'; write that.");
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

void resolve_password(mqtt_settings& s, const environment& env, findings& found) {
  if (env.mqtt_password) {
    s.password = secret(*env.mqtt_password);
  } else if (s.enable && !s.password_file.empty()) {
    auto file = read_file(s.password_file, max_password_file_bytes);
    if (!file.problem.empty())
      return found.fault(&s.password_file, "names '" + s.password_file + "', which " + file.problem,
                         file.remedy);
    auto& text = file.text;
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    s.password = secret(std::move(text));
  }
}

void resolve_virtual_proxies(monitor_settings& s, findings& found) {
  for (auto& server : s.servers)
    for (auto& proxy : server.user_sessions.virtual_proxies)
      if (proxy.empty() || proxy.front() != '/') {
        found.warning(&proxy, "is '" + proxy + "', without '/' in front",
                      "Taken as '/" + proxy + "'; write that.");
        proxy.insert(0, 1, '/');
      }
}

} // namespace

void resolve(settings& s, const environment& env, findings& found) {
  resolve_base_topic(s.mqtt, found);
  resolve_topics(s, found);
  if (!found.given(&s.mqtt.tls.enable))
    s.mqtt.tls.enable = s.mqtt.broker_port == 8883 ||
                        (s.mqtt.broker_port == 443 && s.mqtt.transport == mqtt_transport::websocket);
  if (env.mqtt_username) s.mqtt.username = *env.mqtt_username;
  resolve_password(s.mqtt, env, found);
  s.delivery.spool.path_given = found.given(&s.delivery.spool.path);
  if (env.mqtt_tls_passphrase) s.mqtt.tls.passphrase = secret(*env.mqtt_tls_passphrase);
  if (env.cert_passphrase) s.cert.passphrase = secret(*env.cert_passphrase);
  resolve_virtual_proxies(s.monitor, found);
}

} // namespace senseflow::config::reading
