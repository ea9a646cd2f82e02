#include "config/reading/cluster_checks.hpp"

#include "config/reading/tls_checks.hpp"

#include <algorithm>
#include <cstddef>

namespace senseflow::config::reading {

namespace {

void check_etcd(const etcd_settings& s, findings& found) {
  if (s.endpoints.empty() && !found.any_item_faulty(&s.endpoints))
    found.fault(&s.endpoints, "is required with cluster.enable",
                "List the client addresses of the etcd members.");
  const auto with_tls = std::count_if(s.endpoints.begin(), s.endpoints.end(),
                                      [](const auto& x) { return x.substr(0, 8) == "https://"; });
  if (with_tls > 0 && with_tls < static_cast<std::ptrdiff_t>(s.endpoints.size()))
    found.warning(&s.endpoints, "has endpoints with and without TLS", "Use https for all of them.");
  if (with_tls == 0) {
    for (auto* x : {&s.tls.ca_file, &s.tls.cert_file, &s.tls.key_file})
      if (!x->empty())
        found.warning(x, "has no effect: no endpoint begins with https://", "Remove it, or use https.");
    if (!s.password.empty())
      found.warning(&s.endpoints, "sends the password unencrypted",
                    "Use https, unless the network can be trusted.");
  } else {
    check_tls_files({s.tls.ca_file, s.tls.cert_file, s.tls.key_file, {}}, found);
    check_tls_pair(s.tls.cert_file, s.tls.key_file, found);
  }
  if (!s.password.empty() && s.username.empty())
    found.fault(&s.username, "is empty, but a password is set", "Write the user's name, too.");
  if (!s.username.empty() && s.password.empty())
    found.fault(&s.password, "is empty, but a username is set",
                "Set SENSEFLOW_ETCD_PASSWORD, or passwordFile.");
}

} // namespace

void check_cluster(const settings& s, findings& found) {
  const auto& c = s.cluster;
  check_etcd(c.etcd, found);
  if (c.name.empty())
    found.fault(&c.name, "is empty", "Write a name, the same for all nodes of the cluster.");
  // A leader change of etcd leaves leases unrenewed for up to 2 s.
  const auto patience = c.etcd.timeout * (c.etcd.endpoints.empty() ? 1 : c.etcd.endpoints.size());
  if (patience * 2 > c.lease_ttl)
    found.warning(&c.etcd.timeout, "leaves no time to ask all endpoints twice before the lease ends",
                  "Write a smaller timeout, or a greater leaseTtl.");
  const auto& events = c.event_deduplication;
  if (events.enable && !s.user_events.enable && !s.log_events.enabled())
    found.warning(&events.enable, "has no effect: this node receives no events", "Remove it.");
  const auto& id = c.node_id.empty() ? s.node : c.node_id; // the host's name is not looked at here
  if (events.enable && !events.group.empty() && !id.empty() &&
      std::find(events.group.begin(), events.group.end(), id) == events.group.end())
    found.warning(&events.group, "does not name this node, " + id + ": its events wait for holdBack each",
                  "List the ids of all nodes that Sense sends its events to.");
}

} // namespace senseflow::config::reading
