#include "actors/cluster/cluster_moves.hpp"

#include <utility>

namespace senseflow::actors {

namespace {

using runtime::etcd_compare;
using runtime::etcd_error;
using runtime::etcd_operation;

/// The request was refused: nothing has been done, and nothing will be.
bool is_refusal(etcd_error e) {
  return e == etcd_error::no_space || e == etcd_error::denied || e == etcd_error::refused;
}

} // namespace

void cluster_moves::plan(cluster_plan x) {
  wanted_.assign(x.claims.begin(), x.claims.end());
  leaving_ = std::move(x.leaving);
  // What is held already stays so: a call could begin meanwhile.
  std::map<std::string, std::string> held;
  for (const auto& h : held_)
    if (auto still = leaving_.extract(h.first)) held.insert(std::move(still));
  held_ = std::move(held);
}

void cluster_moves::release() {
  wanted_.clear();
  leaving_.clear();
  if (!sent_) return held_.clear();
  for (auto i = held_.begin(); i != held_.end();)
    i = sent_->servers.count(i->first) == 0 ? held_.erase(i) : std::next(i);
}

void cluster_moves::stop() {
  if (sent_)
    for (const auto& x : sent_->servers)
      if (const auto i = doubts_.find(x.first); i != doubts_.end()) i->second.unknown = true;
  sent_.reset();
  release();
}

void cluster_moves::settle(const cluster_state& state) {
  for (auto i = doubts_.begin(); i != doubts_.end();)
    i = state.server(i->first).mod_revision != i->second.revision ? doubts_.erase(i) : std::next(i);
}

std::optional<cluster_moves::group> cluster_moves::next_claims(const cluster_state& state,
                                                               const node_entry& self) {
  group result{true, self.node.id, self.node.lease, {}};
  while (!wanted_.empty() && result.servers.size() < batch) {
    const auto name = std::move(wanted_.front());
    wanted_.pop_front();
    if (const auto key = state.server(name); key.lease == 0) result.servers.emplace(name, key.mod_revision);
  }
  if (result.servers.empty()) return std::nullopt;
  return result;
}

std::optional<cluster_moves::group> cluster_moves::next_leaving(const cluster_state& state,
                                                                const node_entry& self, const question& quiet,
                                                                const question& ready) {
  for (auto i = leaving_.begin(); i != leaving_.end() && held_.size() < batch;) {
    const auto x = i++;
    if (ready(x->first)) held_.insert(leaving_.extract(x));
  }
  std::optional<group> result;
  for (auto i = held_.begin(); i != held_.end();) {
    const auto& [name, to] = *i;
    const auto key = state.server(name);
    const auto* taker = state.node(to);
    if (key.lease != self.node.lease || (!to.empty() && !taker)) { // the next plan will see to it
      i = held_.erase(i);
      continue;
    }
    if ((!result || result->to == to) && quiet(name)) {
      if (!result) result = group{false, to, taker ? taker->node.lease : 0, {}};
      result->servers.emplace(name, key.mod_revision);
    }
    ++i;
  }
  return result;
}

std::optional<runtime::etcd_transaction> cluster_moves::next(const cluster_state& state,
                                                             const node_entry& self, const question& quiet,
                                                             const question& ready) {
  if (sent_) return std::nullopt;
  sent_ = next_claims(state, self);
  if (!sent_) sent_ = next_leaving(state, self, quiet, ready);
  if (!sent_) return std::nullopt;
  const auto* taker = state.node(sent_->to);
  const auto value = taker ? ownership_json(sent_->to, taker->instance) : std::string{};
  runtime::etcd_transaction result;
  keys_.clear();
  for (const auto& [name, revision] : sent_->servers) {
    const auto key = state.keys().server(name);
    keys_.emplace(key, name);
    result.if_all.push_back(
        {revision == 0 ? etcd_compare::what::created : etcd_compare::what::modified, key, revision});
    const auto kind = sent_->to.empty() ? etcd_operation::what::erase : etcd_operation::what::put;
    result.then.push_back({kind, key, value, sent_->lease});
    result.otherwise.push_back({etcd_operation::what::read, key, {}, 0});
    if (sent_->claim) continue;
    if (auto& x = doubts_[name]; x.revision != revision) x = {revision, false};
  }
  return result;
}

void cluster_moves::not_done(const std::string& server) {
  held_.erase(server);
  const auto i = doubts_.find(server);
  // Of an earlier transaction nobody may know yet.
  if (i != doubts_.end() && !i->second.unknown) doubts_.erase(i);
}

void cluster_moves::repeat_without_changed(const std::vector<runtime::etcd_key>& present) {
  std::map<std::string, int64_t> revisions;
  for (const auto& x : present)
    if (const auto i = keys_.find(x.key); i != keys_.end()) revisions.emplace(i->second, x.mod_revision);
  std::vector<std::string> same;
  for (const auto& [name, revision] : last_.servers) {
    const auto i = revisions.find(name);
    if ((i == revisions.end() ? 0 : i->second) == revision) same.push_back(name);
  }
  if (same.size() == last_.servers.size()) same.clear(); // it can't be; and it must not go round for ever
  for (const auto& [name, revision] : last_.servers) {
    // It may be this very transaction that has changed it: a first try whose answer was lost.
    const auto i = revisions.find(name);
    if ((i == revisions.end() ? 0 : i->second) != revision)
      if (const auto x = doubts_.find(name); x != doubts_.end()) x->second.unknown = true;
    not_done(name);
  }
  for (const auto& name : same) {
    if (last_.claim)
      wanted_.push_front(name);
    else
      held_.emplace(name, last_.to);
  }
}

move_result cluster_moves::answered(const runtime::etcd_answer& x) {
  last_ = sent_ ? std::move(*sent_) : group{};
  sent_.reset();
  if (x.error == etcd_error::none) {
    if (!x.succeeded) {
      repeat_without_changed(x.keys);
      return move_result::conflict;
    }
    for (const auto& s : last_.servers) held_.erase(s.first); // in doubt until the view shows it
    return move_result::done;
  }
  const bool certain = x.error == etcd_error::lease_lost || is_refusal(x.error);
  for (const auto& s : last_.servers) {
    if (const auto i = doubts_.find(s.first); i != doubts_.end() && !certain) i->second.unknown = true;
    not_done(s.first);
  }
  if (x.error != etcd_error::lease_lost) {
    release();
    return move_result::failed;
  }
  return last_.claim ? move_result::own_lost : move_result::peer_lost;
}

} // namespace senseflow::actors
