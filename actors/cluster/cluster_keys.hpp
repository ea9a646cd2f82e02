// What lies in etcd for a cluster: the names of the keys and the form of their values.
//
//   /senseflow/<cluster>/nodes/<node id>      a living node, under its lease: JSON, see `node_entry`
//   /senseflow/<cluster>/servers/<server>     its owner, under the owner's lease: {"node":…,"instance":…}
//   /senseflow/<cluster>/drain/<node id>      an operator wants this node empty: any value, no lease
//   /senseflow/<cluster>/reporter             who publishes the cluster's view, under its lease: {"node":…}
//
// Names are escaped like in a URL: bytes other than A-Z a-z 0-9 - _ . are %XX, so none leaves its level.
// Whose a server or the reporter's office is, is told by the lease of its key alone: its owner is the node
// whose entry has the same lease. The value is for people. The epoch of an ownership is the mod_revision of
// its key.
// Fields that a program does not know it leaves alone: a later version may have more.
#pragma once

#include "actors/cluster/cluster_view.hpp"
#include "runtime/etcd/client.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace senseflow::actors {

/// As one level of a key, or of a topic.
std::string escaped_level(std::string_view name);
/// Nothing for what `escaped_level` does not write, and for names that are empty, no UTF-8 or over 500 bytes.
std::optional<std::string> unescaped_level(std::string_view level);

class cluster_keys {
public:
  enum class kind : uint8_t { node, server, drain, reporter };

  struct place {
    kind what = kind::node;
    std::string name; ///< of the node or server
  };

  explicit cluster_keys(std::string_view cluster);

  const std::string& prefix() const { return prefix_; } ///< of all of them
  std::string node(std::string_view id) const;
  std::string server(std::string_view name) const;
  std::string drain(std::string_view id) const;
  std::string reporter() const;

  /// Nothing for a key that is none of these.
  std::optional<place> read(std::string_view key) const;

private:
  std::string prefix_;
};

/// What a node says of itself:
/// {"version":"0.1.0","protocol":1,"digests":1,"weight":1,"draining":false,"topicName":"n1",
///  "servers":"<16 hex digits>","host":"h1","pid":4711,"started":"<UTC>","instance":"<random>"}
struct node_entry {
  cluster_node node;        ///< its id is in the key, its lease is the key's
  std::string servers;      ///< `server_list_mark` of those that it has configured
  std::string host;         ///< where it runs
  int64_t pid = 0;          ///< there
  std::string started;      ///< when, UTC
  std::string instance;     ///< tells this process from all others
  int64_t mod_revision = 0; ///< of the key
};

/// All that stands in the value.
bool same_content(const node_entry& a, const node_entry& b);

std::string to_json(const node_entry& x);
std::string ownership_json(const std::string& node, const std::string& instance);

/// Nothing if it is not what a living node writes. Texts come out clean and short enough to be told.
std::optional<node_entry> read_node_entry(const std::string& id, const runtime::etcd_key& x);

/// Nodes whose servers have the same names have the same mark.
std::string server_list_mark(const std::set<std::string>& servers);

} // namespace senseflow::actors
