// What a node knows of its cluster: who lives, and what each of them says of itself in etcd.
#pragma once

#include "runtime/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::actors {

/// Of the program's own two formats between nodes.
inline constexpr uint32_t cluster_protocol = 1; ///< keys and values in etcd
inline constexpr uint32_t digest_format = 1;    ///< digests over MQTT

struct cluster_node {
  std::string id;         ///< unique among the living: its key
  std::string topic_name; ///< its `node` in topics
  std::string version;    ///< of the program
  uint32_t protocol = 0;
  uint32_t digests = 0; ///< the digest format that it reads and writes; 0 = it takes no part
  uint32_t weight = 1;
  int64_t lease = 0;
  bool draining = false;
};

struct cluster_view {
  std::string self;                ///< our own id
  bool certain = false;            ///< our lease is alive and the view is up to date, as far as we know
  bool refused = false;            ///< another instance has our id
  std::vector<cluster_node> nodes; ///< the living, by id; ourselves only while our lease lives
};

/// Written by `cluster_member`, read by whoever wants to know.
using shared_cluster_view = std::shared_ptr<runtime::snapshot<cluster_view>>;

} // namespace senseflow::actors
