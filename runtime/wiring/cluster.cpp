#include "runtime/wiring/cluster.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/topic.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

// A test builds the program once more as if it were the next version.
#ifndef SENSEFLOW_CLUSTER_PROTOCOL
#define SENSEFLOW_CLUSTER_PROTOCOL actors::cluster_protocol
#endif
#ifndef SENSEFLOW_DIGEST_FORMAT
#define SENSEFLOW_DIGEST_FORMAT actors::digest_format
#endif

/// Unique in the cluster, as the id is; of all topics by which its nodes talk to each other.
std::string name_in_topics(const config::settings& s) { return actors::escaped_level(cluster_node_id(s)); }

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

} // namespace

std::string cluster_node_id(const config::settings& s) {
  return s.cluster.node_id.empty() ? node_name(s) : s.cluster.node_id;
}

etcd_options etcd_options_of(const config::settings& s) {
  const auto& x = s.cluster.etcd;
  return {x.endpoints, x.tls.ca_file,       x.tls.cert_file, x.tls.key_file,
          x.username,  x.password.reveal(), x.timeout};
}

actors::cluster_member_options member_options(const config::settings& s, caf::timestamp started) {
  const auto& c = s.cluster;
  actors::cluster_member_options result;
  result.cluster = c.name;
  result.node.id = cluster_node_id(s);
  result.node.topic_name = name_in_topics(s);
  result.node.version = SENSEFLOW_VERSION;
  result.node.protocol = SENSEFLOW_CLUSTER_PROTOCOL;
  result.node.digests = c.event_deduplication.enable ? SENSEFLOW_DIGEST_FORMAT : 0;
  result.node.weight = c.weight;
  result.host = host_name();
  result.started = messages::iso_time(started);
  for (const auto& server : s.monitor.servers) result.servers.insert(server.name);
  result.lease_ttl = c.lease_ttl;
  result.drain_on_stop = c.drain_on_stop;
  result.on_coordinator_loss = c.on_coordinator_loss;
  return result;
}

actors::cluster_channel_options channel_options(const config::settings& s) {
  actors::cluster_channel_options result;
  result.node = name_in_topics(s);
  result.base = fmt::format("{}senseflow/cluster/{}/", s.mqtt.base_topic, s.cluster.name);
  result.reconnect = backoff_of(s.actors.reconnect);
  result.ack_timeout = s.actors.publishers.ack_timeout;
  return result;
}

mqtt_options channel_broker_options(const config::settings& s) {
  auto result = broker_options(s, 0, node_name(s));
  result.presence.topic.clear();
  result.client_id += "-cluster";
  // What the others have published while this node was away is read before it goes on.
  result.session_expiry = std::max<std::chrono::seconds>(result.session_expiry, 1h);
  const auto channel = channel_options(s);
  actors::subscribe_to_cluster(result, channel.base, channel.node);
  return result;
}

bool shares_events(const config::settings& s) {
  return s.cluster.enable && s.cluster.event_deduplication.enable;
}

actors::shared_events_options shared_events_options_of(const config::settings& s,
                                                       actors::shared_cluster_view view) {
  const auto& x = s.cluster.event_deduplication;
  actors::shared_events_options result;
  result.node = name_in_topics(s);
  result.group = x.group;
  result.hold_back = x.hold_back;
  result.max_bytes = x.max_bytes;
  result.view = std::move(view);
  result.incarnation = first_id_by_clock();
  return result;
}

actors::event_twins_options twins_options(const config::settings& s) {
  actors::event_twins_options result;
  result.node = name_in_topics(s);
  result.timeout = s.actors.supervision.hang_timeout;
  return result;
}

std::string describe_cluster(const config::settings& s) {
  const auto& events = s.cluster.event_deduplication;
  return fmt::format("cluster {}: this is node {} with weight {}, etcd at {}; events {}", s.cluster.name,
                     cluster_node_id(s), s.cluster.weight, fmt::join(s.cluster.etcd.endpoints, ", "),
                     !events.enable         ? "are published by each node that receives them"
                     : events.group.empty() ? "that several nodes receive are published once"
                                            : fmt::format("that several of {} receive are published once",
                                                          fmt::join(events.group, ", ")));
}

std::chrono::milliseconds cluster_stop_timeout(const config::settings& s) {
  // Calls that run have to end before their servers can go.
  return std::max<std::chrono::milliseconds>(s.shutdown.drain_timeout / 4, 2s);
}

std::chrono::steady_clock::time_point common_epoch() {
  return std::chrono::steady_clock::now() - std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                std::chrono::system_clock::now().time_since_epoch());
}

} // namespace senseflow::runtime
