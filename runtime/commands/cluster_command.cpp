#include "runtime/commands/cluster_command.hpp"

#include "actors/cluster/cluster_keys.hpp"
#include "actors/cluster/cluster_topics.hpp"
#include "messages/text/iso_time.hpp"
#include "runtime/commands/cluster_listing.hpp"
#include "runtime/mqtt/client.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/service/service.hpp"
#include "runtime/wiring/cluster.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <thread>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto broker_patience = 3s;
constexpr auto drain_patience = 60s;
constexpr int exit_failed = 1;

class etcd_session {
public:
  explicit etcd_session(const config::settings& s)
      : keys_(s.cluster.name), client_(make_etcd_client(etcd_options_of(s), make_resolver())), tries_(3) {}

  const actors::cluster_keys& keys() const { return keys_; }

  etcd_answer range() {
    return ask([this](auto done) { client_->range(1, keys_.prefix(), std::move(done)); });
  }
  etcd_answer alarms() {
    return ask([this](auto done) { client_->alarms(1, std::move(done)); });
  }
  etcd_answer write(const etcd_operation& x) {
    return ask([&, this](auto done) { client_->commit(1, {{}, {x}, {}}, std::move(done)); });
  }

private:
  /// Over a change of etcd's leader, too. All that is asked has the same effect twice.
  etcd_answer ask(const std::function<void(etcd_client::completion)>& start) {
    for (int n = 1;; ++n) {
      auto answer = std::make_shared<std::promise<etcd_answer>>();
      auto future = answer->get_future();
      start([answer](etcd_answer x) { answer->set_value(std::move(x)); });
      auto result = future.get();
      if (result.error != etcd_error::unavailable || n == tries_) return result;
      std::this_thread::sleep_for(500ms);
    }
  }

  actors::cluster_keys keys_;
  std::shared_ptr<etcd_client> client_;
  int tries_;
};

bool usable(const config::settings& s, std::ostream& err) {
  if (s.cluster.enable) return true;
  err << "cluster.enable is not true in this configuration: it belongs to no cluster\n";
  return false;
}

bool listed(const etcd_answer& x, const etcd_session& etcd, actors::cluster_state& to, std::ostream& err) {
  if (x.error != etcd_error::none) {
    err << "etcd can't be asked: " << x.detail << '\n';
    return false;
  }
  to = actors::cluster_state{etcd.keys()};
  to.reset(x.keys, x.revision);
  return true;
}

/// What the broker keeps of them. Why it is not all there is, in words.
std::string hear_nodes(const config::settings& s, const actors::cluster_state& state,
                       actors::node_statuses& to) {
  const auto base = channel_options(s).base;
  auto o = channel_broker_options(s);
  o.client_id = fmt::format("{}-status-{}", o.client_id, ::getpid());
  o.keeps_session = false;
  o.session_expiry = 0s;
  o.subscriptions = {{fmt::format("{}{}+", base, actors::cluster_topics::nodes), 1, false}};
  auto client = make_mqtt_client(o);
  client->connect();
  const auto until = clock::now() + broker_patience;
  std::string trouble;
  const auto all_heard = [&] {
    return std::all_of(state.nodes().begin(), state.nodes().end(),
                       [&](const auto& x) { return to.of(x.first) != "null"; });
  };
  while (clock::now() < until && !all_heard()) {
    for (const auto& x : client->take_events()) {
      using kind = mqtt_event::kind;
      if (x.what == kind::received && x.message->topic.view().substr(0, base.size()) == base) {
        to.take(x.message->topic.view().substr(base.size()), x.message->payload.view());
      } else if (x.what == kind::try_again) {
        client->connect();
      } else if (x.what == kind::connect_failed || x.what == kind::connection_lost ||
                 x.what == kind::subscription_denied) {
        trouble = x.text;
      }
    }
    if (!trouble.empty()) break;
    std::this_thread::sleep_for(10ms);
  }
  client->disconnect(500ms);
  return trouble.empty() && !all_heard() ? "some nodes have told nothing" : trouble;
}

std::string node_names(const actors::cluster_state& state) {
  std::vector<std::string> ids;
  for (const auto& each : state.nodes()) ids.push_back(each.first);
  return ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, ", "));
}

} // namespace

int cluster_status(const config::settings& s, bool as_json, std::ostream& out, std::ostream& err) {
  if (!usable(s, err)) return exit_failed;
  etcd_session etcd{s};
  actors::cluster_state state{etcd.keys()};
  if (!listed(etcd.range(), etcd, state, err)) return exit_failed;
  const auto alarms = etcd.alarms().alarms;
  actors::node_statuses statuses;
  if (const auto trouble = hear_nodes(s, state, statuses); !trouble.empty())
    err << "from the broker: " << trouble << '\n';
  std::set<std::string> configured;
  for (const auto& x : s.monitor.servers) configured.insert(x.name);
  if (as_json)
    out << cluster_json(s.cluster.name, state, configured, statuses, alarms, caf::make_timestamp()) << '\n';
  else
    out << cluster_text(s.cluster.name, state, configured, statuses, alarms);
  return exit_ok;
}

int cluster_drain(const config::settings& s, const std::string& node, std::ostream& out, std::ostream& err) {
  if (!usable(s, err)) return exit_failed;
  etcd_session etcd{s};
  actors::cluster_state state{etcd.keys()};
  if (!listed(etcd.range(), etcd, state, err)) return exit_failed;
  if (!state.node(node)) {
    err << fmt::format("no living node is called {}; the living: {}\n", node, node_names(state));
    return exit_failed;
  }
  const auto mark = fmt::format(R"({{"since":"{}"}})", messages::iso_time(caf::make_timestamp()));
  const auto written = etcd.write({etcd_operation::what::put, etcd.keys().drain(node), mark, 0});
  if (written.error != etcd_error::none) {
    err << "etcd can't be written to: " << written.detail << '\n';
    return exit_failed;
  }
  const auto until = clock::now() + drain_patience;
  for (;;) {
    if (!listed(etcd.range(), etcd, state, err)) {
      err << fmt::format("{} stays marked to be emptied; `senseflow cluster undrain {}` takes that back\n",
                         node, node);
      return exit_failed;
    }
    const auto* x = state.node(node);
    const auto left = x ? state.owned(x->node.lease).size() : 0;
    if (left == 0) break;
    out << fmt::format("{}: {} server(s) left\n", node, left) << std::flush;
    if (clock::now() > until) {
      err << fmt::format(
          "{} still has {} server(s) after {} s: no other node takes them. `senseflow cluster status` "
          "says why.\n",
          node, left, drain_patience.count());
      return exit_failed;
    }
    std::this_thread::sleep_for(1s);
  }
  out << fmt::format("{} has no servers and takes none until `senseflow cluster undrain {}`\n", node, node);
  return exit_ok;
}

int cluster_undrain(const config::settings& s, const std::string& node, std::ostream& out,
                    std::ostream& err) {
  if (!usable(s, err)) return exit_failed;
  etcd_session etcd{s};
  actors::cluster_state state{etcd.keys()};
  if (!listed(etcd.range(), etcd, state, err)) return exit_failed;
  if (!state.drain_wanted(node)) {
    err << fmt::format("{} is not drained by an operator; the living nodes: {}\n", node, node_names(state));
    return exit_failed;
  }
  const auto erased = etcd.write({etcd_operation::what::erase, etcd.keys().drain(node), {}, 0});
  if (erased.error != etcd_error::none) {
    err << "etcd can't be written to: " << erased.detail << '\n';
    return exit_failed;
  }
  out << node << " takes servers again\n";
  return exit_ok;
}

} // namespace senseflow::runtime
