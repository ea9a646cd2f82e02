#include "actors/cluster/cluster_state.hpp"

#include <algorithm>

namespace senseflow::actors {

void cluster_state::reset(const std::vector<runtime::etcd_key>& all, int64_t revision) {
  nodes_.clear();
  holders_.clear();
  servers_.clear();
  owned_.clear();
  drains_.clear();
  reporter_ = {};
  for (const auto& x : all) put(x);
  revision_ = revision;
}

void cluster_state::apply(const runtime::etcd_watch_event& x) {
  for (const auto& change : x.changes) {
    if (change.now.mod_revision <= revision_) continue; // known already
    if (change.erased)
      erase(change.now.key);
    else
      put(change.now);
  }
  revision_ = std::max(revision_, x.revision);
}

void cluster_state::gone(int64_t lease) {
  if (const auto* x = holder(lease)) erase(keys_.node(x->node.id));
}

const node_entry* cluster_state::node(const std::string& id) const {
  const auto i = nodes_.find(id);
  return i == nodes_.end() ? nullptr : &i->second;
}

const node_entry* cluster_state::holder(int64_t lease) const {
  const auto i = holders_.find(lease);
  return i == holders_.end() ? nullptr : node(i->second);
}

owned_key cluster_state::server(const std::string& name) const {
  const auto i = servers_.find(name);
  return i == servers_.end() ? owned_key{} : i->second;
}

const std::set<std::string>& cluster_state::owned(int64_t lease) const {
  static const std::set<std::string> none;
  const auto i = owned_.find(lease);
  return i == owned_.end() ? none : i->second;
}

void cluster_state::put(const runtime::etcd_key& x) {
  const auto place = keys_.read(x.key);
  if (!place) {
    ++unreadable_;
    return;
  }
  switch (place->what) {
  case cluster_keys::kind::node: {
    erase(x.key);
    auto entry = read_node_entry(place->name, x);
    // A lease has one node; of others that name it nothing is believed.
    if (entry && holders_.emplace(x.lease, place->name).second)
      nodes_.emplace(place->name, std::move(*entry));
    else
      ++unreadable_;
    break;
  }
  case cluster_keys::kind::server:
    set_server(place->name, {x.lease, x.mod_revision, x.create_revision == x.mod_revision});
    break;
  case cluster_keys::kind::drain:
    drains_.insert(place->name);
    break;
  case cluster_keys::kind::reporter:
    reporter_ = {x.lease, x.mod_revision};
    break;
  }
}

void cluster_state::erase(const std::string& key) {
  const auto place = keys_.read(key);
  if (!place) return;
  switch (place->what) {
  case cluster_keys::kind::node:
    if (const auto* x = node(place->name)) {
      holders_.erase(x->node.lease);
      nodes_.erase(place->name);
    }
    break;
  case cluster_keys::kind::server:
    set_server(place->name, {});
    break;
  case cluster_keys::kind::drain:
    drains_.erase(place->name);
    break;
  case cluster_keys::kind::reporter:
    reporter_ = {};
    break;
  }
}

void cluster_state::set_server(const std::string& name, owned_key x) {
  if (const auto i = servers_.find(name); i != servers_.end()) {
    const auto of = owned_.find(i->second.lease);
    of->second.erase(name);
    if (of->second.empty()) owned_.erase(of);
    servers_.erase(i);
  }
  if (x.mod_revision == 0) return;
  servers_.emplace(name, x);
  owned_[x.lease].insert(name);
}

} // namespace senseflow::actors
