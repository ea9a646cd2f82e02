#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_etcd(visitor& v, etcd_settings& s) {
  v.texts({"endpoints", "Addresses of the etcd members' client ports, as in https://etcd1.example.com:2379."},
          s.endpoints, format::endpoint);
  v.section({"tls", "For endpoints with https."}, [&] {
    v.text({"ca",
            "PEM file with the CA certificates that the members' certificates are checked against; '' = "
            "those of the system."},
           s.tls.ca_file, format::file);
    v.text({"cert", "PEM file with the client certificate, without a common name (CN); '' = none."},
           s.tls.cert_file, format::file);
    v.text({"key", "PEM file with its private key."}, s.tls.key_file, format::file);
  });
  v.text({"username", "User name; '' = none."}, s.username);
  v.hidden({"password", "Password; better kept in passwordFile, or in SENSEFLOW_ETCD_PASSWORD in the "
                        "environment, which takes precedence."},
           s.password);
  v.text({"passwordFile", "File that holds the password; takes precedence over `password`."}, s.password_file,
         format::file);
  v.duration({"timeout", "Longest time to wait for a member's answer before the next one is asked."},
             s.timeout, {50, 10000});
}

void describe_events(visitor& v, event_deduplication_settings& s) {
  v.flag({"enable", "Publish an event once when Sense sends it to several nodes."}, s.enable);
  v.active(s.enable);
  v.texts({"group", "Ids of the nodes that Sense sends its events to; empty = all nodes."}, s.group,
          format::topic_level);
  v.duration(
      {"holdBack", "How long a node waits for another one to publish an event before it does so itself."},
      s.hold_back, {100, 60000});
  v.number({"maxBytes", "Limit of what is held back; beyond it events are published at once."}, s.max_bytes,
           {65536, 1099511627776}, "bytes");
}

} // namespace

void describe(visitor& v, cluster_settings& s) {
  v.flag({"enable", "Share the Sense servers with the other nodes of this cluster."}, s.enable);
  v.active(s.enable);
  v.text({"name", "Name of the cluster: its keys in etcd and its topics (one topic level)."}, s.name,
         format::topic_level);
  v.text({"nodeId", "Name of this node, unique in the cluster (one topic level); '' = that of `node`, or the "
                    "host name."},
         s.node_id, format::topic_level);
  v.number({"weight", "How many servers this node takes, compared with the others."}, s.weight, {1, 1000},
           "");
  v.section({"etcd", "Where the nodes meet."}, [&] { describe_etcd(v, s.etcd); });
  v.duration({"leaseTtl", "After this time without a sign of life a node's servers go to the others."},
             s.lease_ttl, {3, 300});
  v.flag({"drainOnStop", "Hand the servers over before the program stops."}, s.drain_on_stop);
  v.choice(
      {"onCoordinatorLoss",
       "When etcd can't be reached for longer than the lease lasts. stop: no server is polled until it is "
       "back. continue: this node goes on; servers may then be polled by two nodes."},
      s.on_coordinator_loss, {"stop", "continue"});
  v.section({"eventDeduplication", "Events that Sense sends to several nodes."},
            [&] { describe_events(v, s.event_deduplication); });
}

} // namespace senseflow::config::schema
