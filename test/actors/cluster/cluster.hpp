// Nodes of a cluster in one actor system, with an etcd in memory. Time passes in steps, and after each step
// it is checked that no server is anybody's but one node's.
#pragma once

#include "actors/cluster/cluster_member.hpp"
#include "test/support/fake_etcd.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "test/support/actor_fixture.hpp"

namespace senseflow::test {

struct cluster_node {
  std::string id;
  std::shared_ptr<fake_etcd_client> etcd;
  std::shared_ptr<actors::poll_permits> permits = std::make_shared<actors::poll_permits>();
  actors::shared_cluster_view view = std::make_shared<runtime::snapshot<actors::cluster_view>>();
  std::shared_ptr<actors::cluster_member_estate> own = std::make_shared<actors::cluster_member_estate>();
  actors::context_ptr env = std::make_shared<actors::context>();
  actors::cluster_member_options options;
  std::map<std::string, uint64_t> pollers; ///< as told
  std::vector<std::shared_ptr<actors::poll_permit::call>> calls;
  actors::cluster_member_actor actor;
};

struct cluster_fixture : actor_fixture {
  using node_ptr = std::shared_ptr<cluster_node>;

  std::shared_ptr<fake_etcd> etcd = std::make_shared<fake_etcd>();
  std::vector<node_ptr> nodes; ///< processes that live, whatever has become of their actors
  std::set<std::string> servers;
  std::set<caf::actor_id> frozen;
  std::deque<caf::resumable*> ice; ///< what the frozen have to do

  explicit cluster_fixture(size_t n = 30) {
    for (size_t i = 0; i < n; ++i) servers.insert("s" + std::to_string(100 + i));
  }
  ~cluster_fixture() override {
    thaw();
    for (const auto& x : nodes) kill_actor(x->actor);
  }

  /// A process that is started; more nodes may have one id.
  node_ptr make(const std::string& id, uint32_t weight = 1) {
    auto x = std::make_shared<cluster_node>();
    x->id = id;
    x->etcd = std::make_shared<fake_etcd_client>(etcd);
    auto& o = x->options;
    o.cluster = "test";
    o.node = {id, id, "0.1.0", actors::cluster_protocol, actors::digest_format, weight, 0, false};
    o.host = "host-of-" + id;
    o.started = "2026-11-26T10:00:00.000Z";
    o.servers = servers;
    o.etcd = x->etcd;
    o.permits = x->permits;
    o.view = x->view;
    o.pollers = [w = std::weak_ptr<cluster_node>(x)](const auto& p) { w.lock()->pollers = p; };
    o.now = [e = etcd] { return e->now; };
    nodes.push_back(x);
    return x;
  }
  node_ptr start(const std::string& id, uint32_t weight = 1) {
    auto x = make(id, weight);
    spawn(*x);
    return x;
  }
  void spawn(cluster_node& x) { x.actor = keep(sys.spawn(actors::cluster_member, x.env, x.options, x.own)); }

  /// kill -9.
  void die(const node_ptr& x) {
    kill_actor(x->actor);
    nodes.erase(std::find(nodes.begin(), nodes.end(), x));
  }

  void freeze(const node_ptr& x) { frozen.insert(x->actor.id()); }
  void thaw() {
    frozen.clear();
    for (auto* job : ice) sched.jobs.push_back(job);
    ice.clear();
  }

  /// Time goes on in steps of 10 ms.
  void run(std::chrono::milliseconds t) {
    for (auto left = t; left.count() > 0; left -= std::chrono::milliseconds(10)) {
      etcd->pass(std::chrono::milliseconds(10));
      sched.advance_time(std::chrono::milliseconds(10));
      handle_all();
      check();
    }
  }

  void handle_all() {
    for (;;) {
      for (auto i = sched.jobs.begin(); i != sched.jobs.end();) {
        auto* actor = dynamic_cast<caf::abstract_actor*>(*i);
        if (actor && frozen.count(actor->id()) > 0) {
          ice.push_back(*i);
          i = sched.jobs.erase(i);
        } else {
          ++i;
        }
      }
      if (!sched.try_run_once()) return;
    }
  }

  bool may_poll(const cluster_node& x, const std::string& server) const {
    return x.permits->of(server)->epoch() != 0 && x.permits->certain_until() > etcd->now;
  }

  /// Begins a poll as a poller does.
  bool poll(cluster_node& x, const std::string& server) {
    if (!may_poll(x, server)) return false;
    auto call = actors::poll_permit::begin(x.permits->of(server), std::chrono::milliseconds(0));
    if (call) x.calls.push_back(call);
    return call != nullptr;
  }

  /// The owners of the moment: node by server.
  std::map<std::string, std::string> owners() const {
    std::map<std::string, std::string> result;
    for (const auto& x : nodes)
      for (const auto& each : x->permits->granted())
        if (may_poll(*x, each.first)) result.emplace(each.first, x->id);
    return result;
  }
  size_t owned(const node_ptr& x) const {
    size_t result = 0;
    for (const auto& each : x->permits->granted()) result += may_poll(*x, each.first) ? 1 : 0;
    return result;
  }

  void drain(const node_ptr& x) { caf::anon_send(x->actor, actors::drain_atom_v); }
  void ask_to_stop(const node_ptr& x) { caf::anon_send_exit(x->actor, caf::exit_reason::user_shutdown); }

  /// In etcd, with this in their names.
  size_t keys(const std::string& part) const {
    return static_cast<size_t>(std::count_if(etcd->keys.begin(), etcd->keys.end(), [&](const auto& x) {
      return x.first.find(part) != std::string::npos;
    }));
  }
  /// A server that it owns.
  std::string any_of(const node_ptr& x) const { return x->permits->granted().begin()->first; }

  /// No server is more than one node's, running calls included.
  void check() {
    std::map<std::string, const cluster_node*> by;
    for (const auto& x : nodes) {
      for (const auto& each : x->permits->granted()) {
        const auto& server = each.first;
        if (!may_poll(*x, server)) continue;
        if (!by.emplace(server, x.get()).second) CAF_FAIL(server << " is polled by two: " << x->id);
      }
    }
    for (const auto& x : nodes)
      for (const auto& server : servers)
        if (x->permits->of(server)->calls() > 0)
          if (const auto i = by.find(server); i != by.end() && i->second != x.get() && running(*x))
            CAF_FAIL(server << " is given to " << i->second->id << " while " << x->id << " polls it");
  }

private:
  /// A call that is not over: pollers end theirs by their deadlines.
  bool running(const cluster_node& x) const {
    return std::any_of(x.calls.begin(), x.calls.end(),
                       [&](const auto& c) { return c->deadline() > etcd->now; });
  }
};

} // namespace senseflow::test
