#include "runtime/probe/etcd_checks.hpp"

#include "actors/cluster/cluster_state.hpp"
#include "runtime/http/url.hpp"
#include "runtime/probe/reach.hpp"
#include "runtime/wiring/cluster.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <future>
#include <limits>

namespace senseflow::runtime::probe {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 3s; // of one try; the service has less, but here nothing hangs on it

etcd_answer ask(const std::shared_ptr<etcd_client>& client,
                const std::function<void(etcd_client&, etcd_client::completion)>& start, size_t endpoints) {
  const auto answered = std::make_shared<std::promise<etcd_answer>>();
  auto result = answered->get_future();
  start(*client, [answered](etcd_answer x) { answered->set_value(std::move(x)); });
  if (result.wait_for(patience * static_cast<int>(endpoints) + 2s) == std::future_status::ready)
    return result.get();
  etcd_answer none;
  none.error = etcd_error::unavailable;
  none.detail = "no answer";
  return none;
}

std::shared_ptr<etcd_client> client_for(const tools& with, std::vector<std::string> endpoints) {
  auto o = etcd_options_of(with.settings);
  o.endpoints = std::move(endpoints);
  o.timeout = patience;
  return make_etcd_client(std::move(o), with.names);
}

destination to_etcd(const config::settings& s, const std::string& endpoint) {
  const http_url url{endpoint};
  destination x;
  x.host = url.part(CURLUPART_HOST);
  if (x.host.size() > 2 && x.host.front() == '[') x.host = x.host.substr(1, x.host.size() - 2);
  x.port = static_cast<uint16_t>(std::strtoul(url.part(CURLUPART_PORT).c_str(), nullptr, 10));
  x.service = "etcd";
  x.setting = "cluster.etcd.endpoints";
  x.ca_setting = "cluster.etcd.tls.ca";
  x.certificate_setting = "cluster.etcd.tls.cert and key";
  x.certificate_advice = "Use the certificates that etcd's own were made with.";
  const auto o = etcd_options_of(s);
  if (url.part(CURLUPART_SCHEME) == "https")
    x.tls = tls_question{x.host, o.ca_file, o.certificate_file, o.key_file, {}, {}};
  return x;
}

void look_at_endpoint(const tools& with, const std::string& endpoint, notebook& to) {
  if (!path_finder{with.names, to}.reach(to_etcd(with.settings, endpoint)))
    return to.add(skipped("answer", "not asked, since it can't be reached"));
  const auto client = client_for(with, {endpoint});
  const auto start = std::chrono::steady_clock::now();
  const auto answer = ask(
      client, [](auto& c, auto done) { c.alarms(1, std::move(done)); }, 1);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  if (answer.error != etcd_error::none)
    to.add(judge_etcd_error("answer", answer.error, answer.detail));
  else if (!answer.alarms.empty())
    to.add(failed("answer", "etcd_alarm", fmt::format("alarm: {}", fmt::join(answer.alarms, ", ")),
                  "etcd is full or damaged: nodes can't renew what they write",
                  "Compact and defragment etcd, then disarm the alarm (etcdctl alarm disarm)."));
  else if (took > with.settings.cluster.etcd.timeout)
    to.add(warning("answer", "etcd_slow", fmt::format("after {}", duration_text(took)),
                   fmt::format("it takes longer than cluster.etcd.timeout ({} ms)",
                               with.settings.cluster.etcd.timeout.count()),
                   "See etcd's disk and the network, or raise cluster.etcd.timeout."));
  else
    to.add(good("answer", fmt::format("after {}, no alarms", duration_text(took))));
}

std::string own_host() {
  std::array<char, 256> text{};
  ::gethostname(text.data(), text.size() - 1);
  return text.data();
}

finding judge_node_id(const config::settings& s, const actors::cluster_state& state) {
  const auto id = cluster_node_id(s);
  const auto* x = state.node(id);
  if (!x) return good("node id", fmt::format("{} is free", id));
  const auto fact = fmt::format("{} lives at {} (pid {})", id, x->host, x->pid);
  if (x->host == own_host()) return good("node id", fact);
  return failed("node id", "node_id_in_use", fact,
                "another node of the cluster has this id: the second is refused",
                "Give each node a cluster.nodeId, or a node, of its own.");
}

void look_at_cluster(const tools& with, notebook& to) {
  const auto& s = with.settings;
  const auto& endpoints = s.cluster.etcd.endpoints;
  const auto client = client_for(with, endpoints);
  const actors::cluster_keys keys{s.cluster.name};
  const auto listed = ask(
      client, [&](auto& c, auto done) { c.range(1, keys.prefix(), std::move(done)); }, endpoints.size());
  if (listed.error != etcd_error::none) {
    to.add(judge_etcd_error("read", listed.error, listed.detail));
    return to.add(skipped("write", "not tried, since nothing could be read"));
  }
  actors::cluster_state state{keys};
  state.reset(listed.keys, listed.revision);
  std::vector<std::string> ids;
  for (const auto& each : state.nodes()) ids.push_back(each.first);
  to.add(good("read", ids.empty() ? std::string{"no node lives at the moment"}
                                  : fmt::format("{} living: {}", ids.size(), fmt::join(ids, ", "))));
  to.add(judge_node_id(s, state));
  // A condition that never holds: whether it may be written is judged all the same.
  etcd_transaction never;
  const auto key = keys.prefix() + "probe";
  never.if_all.push_back({etcd_compare::what::created, key, std::numeric_limits<int64_t>::max()});
  never.then.push_back({etcd_operation::what::put, key, "probe", 0});
  const auto may = ask(
      client, [&](auto& c, auto done) { c.commit(1, never, std::move(done)); }, endpoints.size());
  to.add(may.error == etcd_error::none ? good("write", fmt::format("{}: allowed", keys.prefix()))
                                       : judge_etcd_error("write", may.error, may.detail));
}

} // namespace

finding judge_etcd_error(const std::string& check, etcd_error error, const std::string& words) {
  switch (error) {
  case etcd_error::denied:
    return failed(
        check, "etcd_denied", {}, words,
        "Check cluster.etcd.username and passwordFile, and the role of that user in etcd (it needs to read "
        "and write /senseflow/).");
  case etcd_error::no_space:
    return failed(check, "etcd_alarm", {}, words,
                  "Compact and defragment etcd, then disarm the alarm (etcdctl alarm disarm).");
  case etcd_error::unavailable:
    return failed(
        check, "etcd_unavailable", {}, words,
        "See that most of etcd's members run and agree on a leader (etcdctl endpoint status --cluster).");
  default:
    return failed(check, fmt::format("etcd_{}", to_string_view(error)), {}, words, "See etcd's log.");
  }
}

std::vector<job> etcd_jobs(const tools_ptr& with) {
  std::vector<job> result;
  const auto& c = with->settings.cluster;
  if (!c.enable) return result;
  for (const auto& x : c.etcd.endpoints)
    result.push_back({"etcd " + x, reach_limits{}.all() + patience + 5s,
                      [with, x](notebook& to) { look_at_endpoint(*with, x, to); }});
  const auto each = patience * static_cast<int>(c.etcd.endpoints.size()) + 4s;
  result.push_back({"Cluster " + c.name, 2 * each, [with](notebook& to) { look_at_cluster(*with, to); }});
  return result;
}

} // namespace senseflow::runtime::probe
