// A cluster: several programs with a real etcd, a real broker and a simulated site that sees who polls which
// server when.
#pragma once

#include "test/support/etcd_server.hpp"
#include "test/system/cluster/poll_record.hpp"
#include "test/system/event_load.hpp"
#include "test/system/system_fixture.hpp"

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

inline constexpr auto lease_ttl = 5s;
inline const std::string cluster_prefix = "/senseflow/senseflow/";

struct node_options {
  uint32_t weight = 1;
  std::string more;                   ///< entries of the cluster section, flow style
  std::string etcd;                   ///< further entries of its section etcd
  std::string sections;               ///< further ones of the configuration, indented by two
  std::vector<std::string> endpoints; ///< of etcd; none: all of the cluster's
  std::string program = "senseflow";
  std::vector<std::string> wrapper;
};

struct nodes_options {
  size_t servers = 30;
  etcd_server_options etcd = {};
};

class nodes {
public:
  using weights = std::map<std::string, uint32_t>; ///< by node

  explicit nodes(const nodes_options& o = {}) : etcd(o.etcd), broker(), directory_() {
    bench::make_certificates(directory_ / "certs");
    bench::site_options s;
    s.servers = o.servers;
    s.certificates = directory_ / "certs";
    s.start.latency = 20ms;
    s.witness = polls.witness();
    site = std::make_unique<bench::site>(s);
  }

  system_config config(const std::string& id, const node_options& o) const {
    system_config c;
    c.broker_port = broker.port();
    c.site = site.get();
    c.certificates = directory_ / "certs";
    c.polling_ms = static_cast<int>(interval.count());
    c.per_server = "headers: {X-Witness: " + id + "}";
    std::string endpoints;
    for (const auto& x : o.endpoints.empty() ? etcd.endpoints() : o.endpoints)
      endpoints += (endpoints.empty() ? "'" : ", '") + x + "'";
    c.more = "  node: " + id + "\n  layouts: {butlerSos: false}\n  cluster: {enable: true, weight: " +
             std::to_string(o.weight) + ", etcd: {endpoints: [" + endpoints + "]" + with_comma(o.etcd) + "}" +
             with_comma(o.more) + "}\n" + o.sections;
    return c;
  }

  senseflow_process& start(const std::string& id, const node_options& o = {}) {
    auto& x = running_[id];
    x.process.reset();
    if (!x.home) x.home = std::make_unique<temp_dir>();
    x.process = std::make_unique<senseflow_process>(*x.home, config(id, o).text(), std::vector<std::string>{},
                                                    o.wrapper, o.program);
    return *x.process;
  }
  senseflow_process& operator[](const std::string& id) { return *running_.at(id).process; }

  void signal(const std::string& id, int number) { (*this)[id].process().signal(number); }
  void kill(const std::string& id) {
    signal(id, SIGKILL);
    (*this)[id].process().wait();
  }

  /// As etcd has it: by server. None while it does not answer.
  std::map<std::string, std::string> owners() const {
    std::vector<std::string> words{"get", "--prefix", cluster_prefix + "servers/"};
    if (!etcd_user.empty()) words.push_back("--user=" + etcd_user);
    std::string all;
    try {
      all = etcd.ctl(std::move(words));
    } catch (const std::runtime_error&) {
      return {};
    }
    std::map<std::string, std::string> result;
    std::istringstream in{all};
    for (std::string key, value; std::getline(in, key) && std::getline(in, value);)
      result[key.substr(key.rfind('/') + 1)] = nlohmann::json::parse(value).at("node").get<std::string>();
    return result;
  }

  /// All servers are owned, by these nodes, each with its share but for 5 %, and nothing moves any more: the
  /// last move is `still` ago.
  bool shared_by(const weights& expected, std::chrono::milliseconds within = 20s,
                 std::chrono::milliseconds still = 500ms) const {
    std::map<std::string, size_t> counts;
    std::map<std::string, std::string> last;
    auto since = poll_clock::now();
    const auto good = [&] {
      const auto now = owners();
      if (std::exchange(last, now) != now) since = poll_clock::now();
      counts.clear();
      for (const auto& x : now) ++counts[x.second];
      return is_share(expected, counts) && poll_clock::now() - since >= still;
    };
    if (eventually(good, within, 20ms)) return true;
    for (const auto& [id, n] : counts) std::cerr << id << " has " << n << " servers\n";
    return false;
  }

  /// What is wrong with these polls, or with all since then.
  static poll_faults faults(const polls_by_server& seen, poll_time since) {
    return faults_in(seen, interval, since);
  }
  poll_faults faults(poll_time since) const { return faults(polls.between(since), since); }

  /// Every server is polled by its owner, one of `ids`, and for two intervals it was by nobody else.
  bool polled_by(const weights& ids) const {
    const auto good = [&] {
      const auto seen = polls.between(poll_clock::now() - 2 * interval);
      if (seen.size() < site->endpoints().size()) return false;
      const auto owned = owners();
      const auto by = pollers_in(seen);
      return std::all_of(by.begin(), by.end(), [&](const auto& x) {
        const auto owner = owned.find(x.first);
        return owner != owned.end() && ids.count(owner->second) > 0 && x.second == std::set{owner->second};
      });
    };
    return eventually(good, 20s, 50ms);
  }

  /// Starts them and waits until all is in order.
  bool start_all(const weights& all) {
    for (const auto& [id, weight] : all) {
      node_options o;
      o.weight = weight;
      start(id, o);
    }
    return shared_by(all, 30s) && polled_by(all);
  }

  /// Nothing but time passes.
  static void let_pass(std::chrono::milliseconds t) {
    const auto end = poll_clock::now() + t;
    eventually([&] { return poll_clock::now() >= end; }, t + 1s, 10ms);
  }

  static constexpr auto interval = slowdown == 1 ? 1000ms : 3000ms;

  etcd_server etcd;
  std::string etcd_user; ///< name:password, once etcd wants one
  mosquitto_broker broker;
  poll_record polls;
  std::unique_ptr<bench::site> site;

private:
  struct one {
    std::unique_ptr<temp_dir> home;
    std::unique_ptr<senseflow_process> process;
  };

  static std::string with_comma(const std::string& x) { return x.empty() ? x : ", " + x; }

  bool is_share(const weights& expected, const std::map<std::string, size_t>& counts) const {
    double sum = 0;
    size_t owned = 0;
    for (const auto& x : expected) sum += x.second;
    for (const auto& x : counts) owned += x.second;
    const auto servers = static_cast<double>(site->endpoints().size());
    return counts.size() == expected.size() && owned == site->endpoints().size() &&
           std::all_of(counts.begin(), counts.end(), [&](const auto& x) {
             const auto i = expected.find(x.first);
             if (i == expected.end()) return false;
             const auto share = servers * i->second / sum;
             return std::abs(static_cast<double>(x.second) - share) <= std::max(share * 0.05, 1.0);
           });
  }

  temp_dir directory_;
  std::map<std::string, one> running_;
};

} // namespace senseflow::test
