#include "config/reading/checks.hpp"

#include "config/reading/admin_checks.hpp"
#include "config/reading/cluster_checks.hpp"
#include "config/reading/home_assistant.hpp"
#include "config/reading/insight_checks.hpp"
#include "config/reading/request_checks.hpp"
#include "config/reading/silence_checks.hpp"
#include "config/reading/tls_checks.hpp"
#include "config/reading/topic_checks.hpp"
#include "config/reading/topics.hpp"
#include "config/reading/wording.hpp"

#include <algorithm>
#include <map>

namespace senseflow::config::reading {

namespace {

// --- broker ---------------------------------------------------------------------------------------

void check_brokers(const mqtt_settings& s, findings& found) {
  for (auto i = s.brokers.begin(); i != s.brokers.end(); ++i) {
    auto same = [&](const mqtt_broker_settings& x) { return x.host == i->host && x.port == i->port; };
    if (same({s.broker_host, s.broker_port}) || std::any_of(s.brokers.begin(), i, same))
      found.warning(&i->host, "is a broker that is already listed", "Remove one of them.");
  }
}

void check_look_around(const mqtt_settings& s, delivery_mode mode, findings& found) {
  if (s.look_around.leftovers && mode == delivery_mode::memory)
    found.warning(&s.look_around.leftovers, "finds nothing of former runs: delivery.mode is memory",
                  "Set delivery.mode to overflow, or remove it.");
  for (auto* x : {&s.look_around.leftovers, &s.look_around.namesake})
    if (*x && s.protocol_version == mqtt_protocol::v311)
      found.warning(x, "has no effect: it needs MQTT 5, and protocolVersion is 3.1.1",
                    "Remove it, or set protocolVersion to auto.");
  if (s.look_around.leftovers && !s.retain.state)
    found.warning(&s.look_around.leftovers, "finds nothing new: retain.state is false",
                  "Remove it when all is cleared.");
}

void check_mqtt(const mqtt_settings& s, delivery_mode mode, findings& found) {
  if (!s.enable) {
    found.warning(&s.enable, "is not true: nothing is published", "Set it to true.");
    return;
  }
  if (!s.password.empty() && s.username.empty())
    found.warning(&s.username, "is empty, but a password is set",
                  "Set it, too: most brokers require a user name.");
  for (auto* x : {&s.expiry.events, &s.expiry.state})
    if (x->count() > 0 && s.protocol_version == mqtt_protocol::v311)
      found.warning(x, "has no effect: messages expire only with MQTT 5, and protocolVersion is 3.1.1",
                    "Remove it, or set protocolVersion to auto.");
  check_look_around(s, mode, found);
  if (s.path != "/mqtt" && s.transport == mqtt_transport::tcp)
    found.warning(&s.path, "has no effect: it is only for transport: websocket", "Remove it.");
  if (!s.tls.enable && !s.tls.alpn.empty())
    found.warning(&s.tls.alpn, "has no effect without TLS", "Set tls.enable to true, or remove it.");
  check_brokers(s, found);
  if (!s.tls.enable) return;
  check_tls_files({s.tls.ca_file, s.tls.cert_file, s.tls.key_file, s.tls.passphrase}, found);
  check_tls_pair(s.tls.cert_file, s.tls.key_file, found);
}

void check_on_change(const settings& s, findings& found) {
  const auto& x = s.mqtt.on_change;
  if (!x.values && !x.documented) {
    for (auto* band : {&x.deadband.cpu, &x.deadband.memory, &x.deadband.percent})
      if (*band > 0)
        found.warning(band, "has no effect: onChange.values and onChange.documented are false",
                      "Set one of them to true, or remove it.");
    return;
  }
  if (x.values && !s.layouts.butler_sos)
    found.warning(&x.values, "has no effect: layouts.butlerSos is false", "Remove it.");
  if (x.documented && !s.layouts.documented && !s.layouts.flat)
    found.warning(&x.documented, "has no effect: layouts.documented and layouts.flat are false",
                  "Remove it.");
  // It goes out with the first poll after its time.
  const auto poll =
      std::max(s.monitor.polling_interval,
               s.user_sessions.enable ? s.user_sessions.polling_interval : std::chrono::milliseconds(0));
  if (x.refresh_every <= s.monitor.polling_interval)
    found.warning(&x.refresh_every,
                  "is not more than serversToMonitor.pollingInterval: all health is published",
                  "Write more than " + std::to_string(s.monitor.polling_interval.count()) + " (ms).");
  if (s.mqtt.expiry.state.count() > 0 && s.mqtt.protocol_version != mqtt_protocol::v311 &&
      x.refresh_every + poll >= s.mqtt.expiry.state)
    found.fault(
        &x.refresh_every,
        "is not less than expiry.state by a polling interval: unchanged state would expire before it is "
        "published again",
        "Write less than " + std::to_string((std::chrono::milliseconds(s.mqtt.expiry.state) - poll).count()) +
            " (ms), or a longer expiry.state.");
}

void check_delivery(const delivery_settings& s, findings& found) {
  if (s.mode != delivery_mode::memory && s.spool.path.empty())
    found.fault(&s.spool.path, "is empty, but delivery.mode writes to disk",
                "Name a directory, or set delivery.mode to memory.");
}

// --- events ---------------------------------------------------------------------------------------

void check_udp(const udp_settings& s, findings& found) {
  if (s.enable_source_validation && s.allowed_sources.empty() && !found.any_item_faulty(&s.allowed_sources))
    found.fault(&s.allowed_sources, "is empty, but enableSourceValidation is true: nothing could be received",
                "List the addresses of the Sense servers, or set enableSourceValidation to false.");
}

bool is_any_address(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

void check_ports(const udp_settings& user, const udp_settings& log, findings& found) {
  auto same_host = user.server_host == log.server_host || is_any_address(user.server_host) ||
                   is_any_address(log.server_host);
  if (user.port == log.port && same_host)
    found.fault(&log.port, "is " + std::to_string(log.port) + ", like " + found.of(&user.port).key,
                "User events and log events need different ports.");
}

void check_user_topics(const user_event_mqtt_settings& s, findings& found) {
  for (auto x : {&s.post_to.everything, &s.post_to.session_start, &s.post_to.session_stop,
                 &s.post_to.connection_open, &s.post_to.connection_close})
    if (x->topic.empty())
      found.fault(&x->topic, "is empty", "Write a topic, or remove the line for the default.");
}

void check_rules(const categorise_settings& s, findings& found) {
  for (auto& rule : s.rules)
    if (rule.filters.empty())
      found.warning(&rule.filters, "is empty: the rule never applies", "Add a filter, or remove the rule.");
}

// --- Sense ----------------------------------------------------------------------------------------

void check_certificates(const cert_settings& s, findings& found) {
  for (auto x : {&s.client_cert, &s.client_cert_key, &s.client_cert_ca})
    if (x->empty())
      found.fault(x, "is required to poll Sense servers",
                  "Name the PEM file exported from the Qlik Management Console.");
  check_tls_files({s.client_cert_ca, s.client_cert, s.client_cert_key, s.passphrase}, found);
}

void check_tags(const server_settings& server, const std::vector<std::string_view>& defined,
                findings& found) {
  for (auto& [name, value] : server.tags)
    if (std::find(defined.begin(), defined.end(), name) == defined.end())
      found.fault(&server.tags, "has the tag '" + shortened(name) + "', which is not in serverTagsDefinition",
                  defined.empty() ? "Add it there." : "Add it there, or use " + joined(defined, "or") + ".");
}

/// Topics are made of names: two that become the same would overwrite each other.
void check_server_names(const monitor_settings& s, findings& found) {
  std::map<std::string, const std::string*> levels;
  for (auto& server : s.servers) {
    auto& name = server.name;
    if (name.empty()) {
      if (found.given(&name)) found.fault(&name, "is empty", "Give each server a name of its own.");
      continue;
    }
    auto [first, is_new] = levels.emplace(as_level(name), &name);
    if (is_new) continue;
    auto other = found.of(first->second).key;
    if (name == *first->second)
      found.fault(&name, "is '" + shortened(name) + "', like " + other,
                  "Give each server a name of its own.");
    else
      found.fault(&name,
                  "is '" + shortened(name) + "', which publishes to the same topics as " + other + " ('" +
                      shortened(*first->second) + "'): '/' and other characters become '_' in topics",
                  "Give one of them another name.");
  }
}

/// The topics of Butler SOS begin with the host.
void check_hosts(const settings& s, findings& found) {
  std::map<std::string, const std::string*> hosts;
  for (auto& server : s.monitor.servers) {
    auto host = topic_host(server);
    if (s.mqtt.base_topic.empty() && host.substr(0, 1) == "$")
      found.fault(&server.tags, "replaces the host in topics by '" + shortened(host) + "'",
                  "Topics must not begin with '$': choose another value for the tag host, or set "
                  "mqttConfig.baseTopic.");
    auto [first, is_new] = hosts.emplace(host, &server.host);
    if (!is_new && !host.empty())
      found.warning(&server.host,
                    "publishes to the same topics as " + found.of(first->second).key +
                        " in the layout of Butler SOS, which names them after the host",
                    "Give one of the servers a tag named host, or set layouts.butlerSos to false.");
  }
}

void check_virtual_proxies(const server_settings& server, findings& found) {
  std::map<std::string, const std::string*> levels;
  for (auto& proxy : server.user_sessions.virtual_proxies) {
    auto [first, is_new] = levels.emplace(proxy_levels(proxy), &proxy);
    if (is_new) continue;
    auto other = found.of(first->second).key;
    if (proxy == *first->second)
      found.warning(&proxy, "is '" + shortened(proxy) + "', like " + other, "Remove one of them.");
    else
      found.fault(&proxy,
                  "is '" + shortened(proxy) + "', which publishes to the same topic as " + other + " ('" +
                      shortened(*first->second) + "')",
                  "Remove one of them, or set layouts.documented to false.");
  }
}

void check_servers(const settings& s, findings& found) {
  auto& tags = s.monitor.server_tags_definition;
  for (auto& server : s.monitor.servers) {
    check_tags(server, {tags.begin(), tags.end()}, found);
    if (s.layouts.documented) check_virtual_proxies(server, found);
  }
  check_server_names(s.monitor, found);
  if (s.layouts.butler_sos) check_hosts(s, found);
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
  if (s.encoders.count > 1)
    found.warning(&s.encoders.count, "no longer has any effect: one encoder keeps up with any broker",
                  "Remove it. Encoding an event takes 2 µs, publishing it 50.");
}

} // namespace

void check(const settings& s, const environment& env, findings& found) {
  check_mqtt(s.mqtt, s.delivery.mode, found);
  check_on_change(s, found);
  check_delivery(s.delivery, found);
  if (s.user_events.enable) {
    check_udp(s.user_events.udp, found);
    check_user_topics(s.user_events.send_to_mqtt, found);
  }
  if (s.log_events.enabled()) check_udp(s.log_events.udp, found);
  if (s.log_events.enabled() && s.log_events.categorise.enable) check_rules(s.log_events.categorise, found);
  if (s.user_events.enable && s.log_events.enabled()) check_ports(s.user_events.udp, s.log_events.udp, found);
  check_insights(s, found);
  if (!s.monitor.servers.empty() || s.app_names.enable) check_certificates(s.cert, found);
  check_servers(s, found);
  check_silence(s, found);
  if (s.cluster.enable) check_cluster(s, found);
  if (s.admin.enable) check_admin(s.admin, found);
  if (s.requests.enable) check_requests(s, found);
  if (s.home_assistant.enable) check_home_assistant(s, found);
  check_topics(s, env.host_name.value_or(""), found);
  check_actors(s.actors, found);
  if (!s.layouts.butler_sos && !s.layouts.documented && !s.layouts.flat)
    found.warning(&s.layouts.documented, "is false, like butlerSos: health and sessions are not published",
                  "Set one of them to true.");
  if (s.file_logging && s.log_directory.empty())
    found.fault(&s.log_directory, "is empty, but fileLogging is true", "Name a directory.");
}

} // namespace senseflow::config::reading
