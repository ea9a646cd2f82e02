#include "runtime/service/cluster.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/topic.hpp"
#include "runtime/service/options.hpp"

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
  result.node.topic_name = node_name(s);
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

std::chrono::milliseconds cluster_stop_timeout(const config::settings& s) {
  // Calls that run have to end before their servers can go.
  return std::max<std::chrono::milliseconds>(s.shutdown.drain_timeout / 4, 2s);
}

std::chrono::steady_clock::time_point common_epoch() {
  return std::chrono::steady_clock::now() - std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                std::chrono::system_clock::now().time_since_epoch());
}

} // namespace senseflow::runtime
