#include "runtime/wiring/options.hpp"

#include "messages/text/topic.hpp"
#include "runtime/http/url.hpp"
#include "runtime/instance.hpp"
#include "runtime/wiring/cluster.hpp"
#include "runtime/wiring/folding.hpp"
#include "runtime/wiring/home_assistant.hpp"
#include "runtime/wiring/inbound.hpp"
#include "runtime/wiring/insights.hpp"
#include "runtime/wiring/on_change.hpp"
#include "runtime/wiring/site_analyses.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <random>
#include <system_error>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

std::string directory_of_spool(const config::settings& s) {
  std::error_code failed;
  const auto directory = std::filesystem::weakly_canonical(s.delivery.spool.path, failed);
  return failed ? s.delivery.spool.path : directory.string();
}

/// Tells this program from others on the machine, and is the same after a restart: two can't share a spool.
std::string installation(const config::settings& s) {
  return fmt::format("{:04x}", messages::lane_of(directory_of_spool(s), 0x10000));
}

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

/// What Sense demands against cross-site requests: any 16 characters, the same in the URL and in a header.
std::string xrfkey() {
  static constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::random_device random;
  std::uniform_int_distribution<size_t> pick{0, alphabet.size() - 1};
  std::string result;
  for (int i = 0; i < 16; ++i) result += alphabet[pick(random)];
  return result;
}

/// Percent-encodes what may not stand in a path; slashes stay.
std::string url_path(const std::string& text) {
  std::string result;
  for (char x : text) {
    auto c = static_cast<unsigned char>(x);
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view{"/-._~"}.find(x) != std::string_view::npos;
    if (plain)
      result += x;
    else
      result += fmt::format("%{:02X}", c);
  }
  return result;
}

http_request request_to(const config::settings& s, std::string url) {
  http_request result;
  result.url = std::move(url);
  result.timeout = s.actors.pollers.timeout;
  result.max_body_bytes = s.actors.pollers.max_body_bytes;
  return result;
}

actors::polled_api health_api(const config::settings& s, const config::server_settings& server) {
  actors::polled_api result;
  result.cls = messages::item_class::health;
  result.interval = s.monitor.polling_interval;
  result.request = request_to(s, fmt::format("https://{}/engine/healthcheck", server.host));
  for (const auto& [name, value] : server.headers)
    result.request.headers.push_back({name, value.value_or(""), !value.has_value()});
  return result;
}

actors::polled_api session_api(const config::settings& s, const config::server_settings& server,
                               const std::string& virtual_proxy) {
  actors::polled_api result;
  result.cls = messages::item_class::sessions;
  result.interval = s.user_sessions.polling_interval;
  result.virtual_proxy = virtual_proxy;
  auto key = xrfkey();
  result.request = request_to(s, fmt::format("https://{}/qps{}/session?Xrfkey={}", server.user_sessions.host,
                                             virtual_proxy == "/" ? "" : url_path(virtual_proxy), key));
  result.request.headers = {{"X-Qlik-Xrfkey", key}, {"XVirtualProxy", virtual_proxy}};
  return result;
}

actors::udp_receiver_options receiver(const config::settings& s, const config::udp_settings& udp,
                                      messages::item_class cls, port_opener open) {
  actors::udp_receiver_options result;
  result.cls = cls;
  result.port = udp.port;
  result.max_waiting = udp.message_queue.max_size;
  result.warn_percent = udp.message_queue.backpressure_threshold_percent;
  result.guard.max_bytes = udp.max_message_size_bytes;
  result.guard.max_per_minute = udp.rate_limit.enable ? udp.rate_limit.max_messages_per_minute : 0;
  result.guard.validate_source = udp.enable_source_validation;
  result.allowed_sources = udp.allowed_sources;
  result.timeout = s.actors.supervision.hang_timeout;
  result.reopen = backoff_of(s.actors.reconnect);
  if (follows_arrivals(s))
    result.follow_arrivals = std::make_shared<const messages::insights::server_of_host>(hosts_of(s));
  udp_options socket;
  socket.host = udp.server_host;
  socket.port = udp.port;
  socket.receive_buffer_bytes = udp.receive_buffer_bytes;
  result.host = udp.server_host;
  result.open = [socket, open = std::move(open)](std::vector<ip_address> of_host) mutable {
    socket.addresses = std::move(of_host);
    return open(socket);
  };
  return result;
}

// Settings have enumerations of their own, which say the same.
template <class A, class B>
constexpr bool same(A a, B b) {
  return static_cast<int>(a) == static_cast<int>(b);
}
static_assert(same(config::log_level::error, log::level::error));
static_assert(same(config::log_level::warn, log::level::warn));
static_assert(same(config::log_level::info, log::level::info));
static_assert(same(config::log_level::verbose, log::level::verbose));
static_assert(same(config::log_level::debug, log::level::debug));
static_assert(same(config::log_level::silly, log::level::silly));
static_assert(same(config::mqtt_protocol::automatic, mqtt_version::automatic));
static_assert(same(config::mqtt_protocol::v5, mqtt_version::v5));
static_assert(same(config::mqtt_protocol::v311, mqtt_version::v311));
static_assert(same(config::mqtt_transport::tcp, mqtt_transport::tcp));
static_assert(same(config::mqtt_transport::websocket, mqtt_transport::websocket));

} // namespace

backoff_options backoff_of(const config::back_off_settings& x) {
  return {x.initial_delay, x.max_delay, x.jitter_percent};
}

log::options log_options(const config::settings& s) {
  return {static_cast<log::level>(s.log_level), s.log_json, s.file_logging ? s.log_directory : std::string{}};
}

http_tls sense_tls(const config::settings& s) {
  return {s.cert.client_cert, s.cert.client_cert_key, s.cert.passphrase.reveal(), s.cert.client_cert_ca,
          s.monitor.reject_unauthorized};
}

namespace {

size_t wanted_connections(const config::settings& s) {
  if (s.actors.pollers.max_connections > 0) return s.actors.pollers.max_connections;
  return 2 * s.monitor.servers.size() + 2;
}

/// Measured: 25 with both ports, a spool and one publisher. The rest is for what is opened for a moment:
/// certificates, /etc/hosts, the configuration, the sockets of the resolver, SQLite's temporary files.
uint64_t descriptors_but_for_sense(const config::settings& s) { return 60 + 4 * s.actors.publishers.count; }

} // namespace

uint64_t descriptors_needed(const config::settings& s) {
  return descriptors_but_for_sense(s) + wanted_connections(s);
}

std::string descriptor_trouble(const config::settings& s, uint64_t limit) {
  const auto needed = descriptors_needed(s);
  if (limit >= needed) return {};
  return fmt::format("{} servers need up to {} file descriptors, but only {} are allowed: {} instead of {} "
                     "connections to Sense at a time. Raise the limit of open files (LimitNOFILE= of the "
                     "service, ulimit -n).",
                     s.monitor.servers.size(), needed, limit, sense_connections(s, limit),
                     wanted_connections(s));
}

size_t sense_connections(const config::settings& s, uint64_t descriptor_limit) {
  constexpr size_t at_least = 2;
  const auto others = descriptors_but_for_sense(s);
  const auto left = descriptor_limit > others ? static_cast<size_t>(descriptor_limit - others) : 0;
  return std::max(at_least, std::min(wanted_connections(s), left));
}

std::string node_name(const config::settings& s) {
  if (!s.node.empty()) return s.node;
  auto result = messages::safe_level(host_name());
  return result.empty() ? "node" : result;
}

std::string instance_of(const config::settings& s) {
  static const uint32_t run = std::random_device{}(); // of copies of one machine, too, no two are the same
  const auto& x = s.mqtt.look_around;
  if (!x.leftovers && !x.namesake) return {};
  return fmt::format("{}-{:08x}", instance(), run);
}

actors::ledger_reporter_options reporter_options(const config::settings& s, caf::timestamp started) {
  actors::ledger_reporter_options result;
  auto node = node_name(s);
  result.topic = fmt::format("{}senseflow/{}/ledger", s.mqtt.base_topic, node);
  result.qos = s.mqtt.qos.state;
  result.retain = s.mqtt.retain.state;
  result.interval = s.ledger.interval;
  constexpr const char* modes[] = {"memory", "overflow", "journal"};
  result.report = {std::move(node), modes[static_cast<size_t>(s.delivery.mode)], started};
  return result;
}

mqtt_options broker_options(const config::settings& s, uint32_t slot, const std::string& node) {
  mqtt_options result;
  result.host = s.mqtt.broker_host;
  result.port = s.mqtt.broker_port;
  for (const auto& b : s.mqtt.brokers) result.further_brokers.push_back({b.host, b.port});
  result.version = static_cast<mqtt_version>(s.mqtt.protocol_version);
  result.transport = static_cast<mqtt_transport>(s.mqtt.transport);
  result.path = s.mqtt.path;
  result.proxy = parse_proxy(s.mqtt.proxy);
  result.username = s.mqtt.username;
  result.password = s.mqtt.password.reveal();
  auto name =
      s.mqtt.client_id.empty() ? fmt::format("senseflow-{}-{}", node, installation(s)) : s.mqtt.client_id;
  result.client_id = slot == 0 && !s.mqtt.client_id.empty() ? name : fmt::format("{}-{}", name, slot + 1);
  result.keep_alive = s.mqtt.keep_alive;
  result.session_expiry = s.mqtt.session_expiry;
  result.window = s.actors.publishers.window;
  result.tls = s.mqtt.tls.enable;
  result.tls_ca_file = s.mqtt.tls.ca_file;
  result.tls_certificate_file = s.mqtt.tls.cert_file;
  result.tls_key_file = s.mqtt.tls.key_file;
  result.tls_key_passphrase = s.mqtt.tls.passphrase.reveal();
  result.tls_verify = s.mqtt.tls.verify;
  result.tls_alpn = s.mqtt.tls.alpn;
  result.instance = instance_of(s);
  if (slot == 0 && s.mqtt.presence)
    result.presence.topic = fmt::format("{}senseflow/{}/status", s.mqtt.base_topic, node);
  return result;
}

actors::supervisor_options supervision(const config::settings& s, std::string path) {
  const auto& x = s.actors.supervision;
  actors::supervisor_options result;
  result.path = std::move(path);
  result.max_restarts = x.max_restarts;
  result.period = x.period;
  result.backoff = backoff_of(x.back_off);
  result.stable_after = x.stable_after;
  result.ping_interval = x.ping_interval;
  result.hang_timeout = x.hang_timeout;
  return result;
}

actors::outbox_options outbox_options(const config::settings& s, bool has_spool) {
  actors::outbox_options result;
  if (has_spool)
    result.mode = s.delivery.mode == config::delivery_mode::journal ? actors::delivery_mode::journal
                                                                    : actors::delivery_mode::overflow;
  result.max_bytes = s.delivery.memory.max_bytes;
  result.high_watermark_percent = s.actors.outbox.high_watermark_percent;
  result.replay_delay = s.delivery.replay.delay;
  result.replay_rate = s.delivery.replay.rate;
  // Half of the time for gathering, the other half for the commit itself.
  result.commit_interval = std::max(s.delivery.journal.max_delay / 2, 1ms);
  result.first_id = first_id_by_clock();
  return result;
}

uint64_t first_id_by_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

std::vector<actors::sense_poller_options> poller_options(const config::settings& s) {
  std::vector<actors::sense_poller_options> result;
  auto servers = static_cast<int64_t>(s.monitor.servers.size());
  for (const auto& server : s.monitor.servers) {
    auto index = static_cast<int64_t>(result.size());
    actors::sense_poller_options o;
    o.server = server.name;
    o.host = without_port(server.host);
    for (const auto& [name, value] : server.tags) {
      o.tags.push_back({name, value});
      if (name == "host") o.host = value;
    }
    o.timeout = s.actors.supervision.hang_timeout;
    o.apis.push_back(health_api(s, server));
    if (s.user_sessions.enable && server.user_sessions.enable)
      for (const auto& vp : server.user_sessions.virtual_proxies)
        o.apis.push_back(session_api(s, server, vp));
    // Spread over the interval: the servers first, then the APIs of one server within its share.
    for (size_t i = 0; i < o.apis.size(); ++i) {
      auto share = std::chrono::nanoseconds(o.apis[i].interval) / servers;
      o.apis[i].phase = share * index + share / static_cast<int64_t>(o.apis.size()) * static_cast<int64_t>(i);
      o.apis[i].at_start = index * std::chrono::milliseconds(5); // a handshake takes the processor 2
    }
    result.push_back(std::move(o));
  }
  return result;
}

actors::app_directory_options directory_options(const config::settings& s) {
  auto key = xrfkey();
  const auto& host = s.app_names.host;
  auto authority = without_port(host) == host ? host + ":4242" : host;
  actors::app_directory_options result;
  result.interval = s.app_names.extract_interval;
  result.request = request_to(s, fmt::format("https://{}/qrs/app?xrfkey={}", authority, key));
  result.request.headers = {{"x-qlik-xrfkey", key},
                            {"X-Qlik-User", "UserDirectory=Internal; UserId=sa_repository"}};
  return result;
}

actors::udp_receiver_options user_event_receiver(const config::settings& s, port_opener open) {
  return receiver(s, s.user_events.udp, messages::item_class::user_event, std::move(open));
}

actors::udp_receiver_options log_event_receiver(const config::settings& s, port_opener open) {
  return receiver(s, s.log_events.udp, messages::item_class::log_event, std::move(open));
}

std::vector<std::string> describe(const config::settings& s) {
  std::vector<std::string> result;
  auto seconds = [](std::chrono::milliseconds x) { return static_cast<double>(x.count()) / 1000; };
  std::string others;
  for (const auto& b : s.mqtt.brokers) others += fmt::format(", else {}:{}", b.host, b.port);
  const auto websocket = s.mqtt.transport == config::mqtt_transport::websocket;
  result.push_back(fmt::format("publishing to {}{}://{}:{}{}{}, base topic \"{}\"", websocket ? "ws" : "mqtt",
                               s.mqtt.tls.enable ? "s" : "", s.mqtt.broker_host, s.mqtt.broker_port,
                               websocket ? s.mqtt.path : "", others, s.mqtt.base_topic));
  if (s.cluster.enable) result.push_back(describe_cluster(s));
  for (auto& line : {describe_on_change(s), describe_requests(s), describe_home_assistant(s),
                     describe_look_around(s), describe_insights(s)})
    if (!line.empty()) result.push_back(line);
  if (s.monitor.servers.empty())
    result.push_back("health metrics: not configured (serversToMonitor.servers names no server)");
  else
    result.push_back(fmt::format("health metrics: {} server(s), every {} s", s.monitor.servers.size(),
                                 seconds(s.monitor.polling_interval)));
  auto with_sessions = std::count_if(s.monitor.servers.begin(), s.monitor.servers.end(),
                                     [](const auto& x) { return x.user_sessions.enable; });
  if (s.user_sessions.enable && with_sessions > 0)
    result.push_back(fmt::format("user sessions: {} server(s), every {} s", with_sessions,
                                 seconds(s.user_sessions.polling_interval)));
  else
    result.push_back(
        "user sessions: not configured (userSessions.enableSessionExtract, and userSessions.enable of "
        "a server)");
  if (s.app_names.enable)
    result.push_back(fmt::format("app names: from {}, every {} s", s.app_names.host,
                                 seconds(s.app_names.extract_interval)));
  else
    result.push_back("app names: not configured (appNames.enableAppNameExtract)");
  if (s.user_events.enable)
    result.push_back(
        fmt::format("user events: UDP {}:{}", s.user_events.udp.server_host, s.user_events.udp.port));
  else
    result.push_back("user events: not configured (userEvents.enable)");
  if (s.log_events.enabled()) {
    std::vector<std::string> sources;
    if (s.log_events.source.engine) sources.emplace_back("engine");
    if (s.log_events.source.proxy) sources.emplace_back("proxy");
    if (s.log_events.source.repository) sources.emplace_back("repository");
    if (s.log_events.source.scheduler) sources.emplace_back("scheduler");
    if (s.log_events.source.qix_perf) sources.emplace_back("qixPerf");
    result.push_back(fmt::format("log events: UDP {}:{}, sources {}", s.log_events.udp.server_host,
                                 s.log_events.udp.port, fmt::join(sources, ", ")));
  } else {
    result.push_back("log events: not configured (logEvents.source.<source>.enable)");
  }
  for (auto& line : describe_folding(s)) result.push_back(std::move(line));
  return result;
}

} // namespace senseflow::runtime
