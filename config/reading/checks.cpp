#include "config/reading/checks.hpp"

#include "config/reading/files.hpp"
#include "config/reading/wording.hpp"

#include <algorithm>
#include <map>

namespace senseflow::config::reading {

namespace {

constexpr size_t max_pem_bytes = 4u << 20;

void check_file(const std::string& path, findings& found) {
  if (path.empty()) return;
  auto file = read_file(path, max_pem_bytes);
  if (!file.problem.empty()) found.fault(&path, "names '" + path + "', which " + file.problem, file.remedy);
}

// --- broker ---------------------------------------------------------------------------------------

void check_brokers(const mqtt_settings& s, findings& found) {
  for (auto i = s.brokers.begin(); i != s.brokers.end(); ++i) {
    auto same = [&](const mqtt_broker_settings& x) { return x.host == i->host && x.port == i->port; };
    if (same({s.broker_host, s.broker_port}) || std::any_of(s.brokers.begin(), i, same))
      found.warning(&i->host, "is a broker that was named before: it is tried twice", "Name each once.");
  }
}

void check_mqtt(const mqtt_settings& s, findings& found) {
  if (!s.enable) {
    found.warning(&s.enable, "is off: nothing is published", "Set it to true.");
    return;
  }
  if (!s.password.empty() && s.username.empty())
    found.warning(&s.username, "is empty, but there is a password", "Most brokers want a name with it.");
  for (auto* x : {&s.expiry.events, &s.expiry.state})
    if (x->count() > 0 && s.protocol_version == mqtt_protocol::v311)
      found.warning(x, "has no effect: messages expire with MQTT 5 only, and protocolVersion is 3.1.1",
                    "Leave it out, or set protocolVersion to auto.");
  if (s.path != "/mqtt" && s.transport == mqtt_transport::tcp)
    found.warning(&s.path, "has no effect: it is for transport: websocket only", "Leave it out.");
  if (!s.tls.enable && !s.tls.alpn.empty())
    found.warning(&s.tls.alpn, "has no effect without TLS", "Set tls.enable to true, or leave it out.");
  check_brokers(s, found);
  if (!s.tls.enable) return;
  check_file(s.tls.ca_file, found);
  check_file(s.tls.cert_file, found);
  check_file(s.tls.key_file, found);
  if (!s.tls.cert_file.empty() && s.tls.key_file.empty())
    found.fault(&s.tls.key_file, "is missing, but tls.cert is given",
                "Name the file with the certificate's key.");
  if (s.tls.cert_file.empty() && !s.tls.key_file.empty())
    found.fault(&s.tls.cert_file, "is missing, but tls.key is given",
                "Name the file with the key's certificate.");
}

void check_delivery(const delivery_settings& s, findings& found) {
  if (s.mode != delivery_mode::memory && s.spool.path.empty())
    found.fault(&s.spool.path, "is empty, but delivery.mode writes to disk",
                "Name a directory, or set delivery.mode to memory.");
}

// --- events ---------------------------------------------------------------------------------------

void check_udp(const udp_settings& s, findings& found) {
  if (s.enable_source_validation && s.allowed_sources.empty())
    found.fault(&s.allowed_sources, "is empty, but enableSourceValidation is on: nothing could be received",
                "List the addresses of the Sense servers, or set enableSourceValidation to false.");
}

bool is_any_address(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

void check_ports(const udp_settings& user, const udp_settings& log, findings& found) {
  auto same_host = user.server_host == log.server_host || is_any_address(user.server_host) ||
                   is_any_address(log.server_host);
  if (user.port == log.port && same_host)
    found.fault(&log.port, "is " + std::to_string(log.port) + ", as is " + found.of(&user.port).key,
                "User events and log events need a port each.");
}

void check_user_topics(const user_event_mqtt_settings& s, findings& found) {
  for (auto x : {&s.post_to.everything, &s.post_to.session_start, &s.post_to.session_stop,
                 &s.post_to.connection_open, &s.post_to.connection_close})
    if (x->topic.empty())
      found.fault(&x->topic, "is empty", "Write a topic, or leave the line out for the default.");
}

void check_rules(const categorise_settings& s, findings& found) {
  for (auto& rule : s.rules)
    if (rule.filters.empty())
      found.warning(&rule.filters, "is empty: the rule never applies", "Add a filter, or remove the rule.");
}

// --- Sense ----------------------------------------------------------------------------------------

void check_certificates(const cert_settings& s, findings& found) {
  for (auto x : {&s.client_cert, &s.client_cert_key, &s.client_cert_ca}) {
    if (x->empty())
      found.fault(x, "is missing, but Sense servers are to be asked",
                  "Name the PEM file exported from the Qlik Management Console.");
    check_file(*x, found);
  }
}

void check_servers(const monitor_settings& s, findings& found) {
  std::map<std::string_view, const std::string*> names;
  std::vector<std::string_view> tags(s.server_tags_definition.begin(), s.server_tags_definition.end());
  for (auto& server : s.servers) {
    auto [first, is_new] = names.emplace(server.name, &server.name);
    if (!is_new && !server.name.empty())
      found.fault(&server.name, "is '" + shortened(server.name) + "', as is " + found.of(first->second).key,
                  "Give each server a name of its own.");
    else if (server.name.empty() && found.given(&server.name))
      found.fault(&server.name, "is empty", "Give each server a name of its own.");
    for (auto& [name, value] : server.tags)
      if (std::find(tags.begin(), tags.end(), name) == tags.end())
        found.fault(&server.tags,
                    "has the tag '" + shortened(name) + "', which serverTagsDefinition does not name",
                    tags.empty() ? "Add it there." : "Add it there, or use one of " + joined(tags) + ".");
  }
}

// --- actors ---------------------------------------------------------------------------------------

void check_back_off(const back_off_settings& s, findings& found) {
  if (s.max_delay < s.initial_delay)
    found.fault(&s.max_delay, "is less than initialDelay",
                "Write at least " + std::to_string(s.initial_delay.count()) + " (ms).");
}

void check_actors(const actor_settings& s, findings& found) {
  check_back_off(s.reconnect, found);
  check_back_off(s.supervision.back_off, found);
  if (s.supervision.hang_timeout <= s.supervision.ping_interval)
    found.fault(&s.supervision.hang_timeout, "is not more than pingInterval",
                "Write more than " + std::to_string(s.supervision.ping_interval.count()) + " (ms).");
}

} // namespace

void check(const settings& s, findings& found) {
  check_mqtt(s.mqtt, found);
  check_delivery(s.delivery, found);
  if (s.user_events.enable) {
    check_udp(s.user_events.udp, found);
    check_user_topics(s.user_events.send_to_mqtt, found);
  }
  if (s.log_events.enabled()) check_udp(s.log_events.udp, found);
  if (s.log_events.enabled() && s.log_events.categorise.enable) check_rules(s.log_events.categorise, found);
  if (s.user_events.enable && s.log_events.enabled()) check_ports(s.user_events.udp, s.log_events.udp, found);
  if (!s.monitor.servers.empty() || s.app_names.enable) check_certificates(s.cert, found);
  check_servers(s.monitor, found);
  check_actors(s.actors, found);
  if (!s.layouts.butler_sos && !s.layouts.documented)
    found.warning(&s.layouts.documented, "is off, as is butlerSos: health and sessions are not published",
                  "Set one of them to true.");
  if (s.file_logging && s.log_directory.empty())
    found.fault(&s.log_directory, "is empty, but fileLogging is on", "Name a directory.");
}

} // namespace senseflow::config::reading
