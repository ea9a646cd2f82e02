// Two nodes of a cluster to which Sense sends the same events, real etcd and broker, and what a subscriber got.
#pragma once

#include "bench/event_generator/sender.hpp"
#include "test/support/conservation.hpp"
#include "test/support/etcd_server.hpp"
#include "test/system/event_load.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace senseflow::test {

/// The same events to all nodes, but for what is lost on the way: each `loss`th, another one for each node. Starts at once. Thread-safe.
class shared_load {
public:
  shared_load(std::vector<system_config> nodes, double rate, uint64_t loss)
      : nodes_(std::move(nodes)), rate_(rate), loss_(loss), living_(nodes_.size(), true),
        began_(std::chrono::steady_clock::now()), thread_([this] { run(); }) {}
  ~shared_load() { stop(); }
  shared_load(const shared_load&) = delete;
  shared_load& operator=(const shared_load&) = delete;

  /// From here on events get lost, or not.
  void lose(bool x) {
    std::lock_guard lock{mutex_};
    loses_ = x;
  }
  /// What is sent to a dead node does not count as sent.
  void living(size_t node, bool x) {
    std::lock_guard lock{mutex_};
    living_.at(node) = x;
  }
  /// True when so much more of the load was sent.
  bool go_on(std::chrono::milliseconds x) const {
    const auto until = sent() + static_cast<size_t>(std::chrono::duration<double>(x).count() * rate_);
    return eventually([&] { return sent() >= until; }, x + 10s);
  }
  void stop() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
  }

  size_t sent() const {
    std::lock_guard lock{mutex_};
    return reached_.size();
  }
  /// By number: to how many living nodes an event was sent.
  std::vector<uint8_t> reached() const {
    std::lock_guard lock{mutex_};
    return reached_;
  }

private:
  void run() {
    bench::datagram_sender out{"127.0.0.1"};
    while (!ending_) {
      const auto until = due();
      std::vector<bench::outgoing> now;
      {
        std::lock_guard lock{mutex_};
        while (reached_.size() < until && now.size() < 256) add(now);
      }
      out.send(now);
      eventually([this] { return ending_ || due() > sent(); }, 1s);
    }
  }
  size_t due() const {
    return static_cast<size_t>(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count() * rate_);
  }
  void add(std::vector<bench::outgoing>& to) {
    const auto number = reached_.size();
    const auto source = bench::all_event_sources[number % bench::all_event_sources.size()];
    bench::event_options o;
    o.host = "sense" + std::to_string(number / bench::all_event_sources.size() % 10);
    const auto bytes = bench::make_event(source, number, o);
    uint8_t n = 0;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (loses_ && number % loss_ == 7 + 11 * i) continue;
      const auto& c = nodes_[i];
      to.push_back({source == bench::event_source::user ? c.user_port : c.log_port, bytes});
      if (living_[i]) ++n;
    }
    reached_.push_back(n);
  }

  const std::vector<system_config> nodes_;
  const double rate_;
  const uint64_t loss_;
  mutable std::mutex mutex_; // guards the four below
  std::vector<bool> living_;
  std::vector<uint8_t> reached_;
  bool loses_ = false;
  std::atomic<bool> ending_{false};
  const std::chrono::steady_clock::time_point began_;
  std::thread thread_;
};

/// What has arrived of them, and of what the nodes say.
struct shared_arrivals {
  std::unordered_map<uint64_t, std::vector<std::string>> ids; ///< by number, of each arrival
  std::map<std::string, size_t> by_node;                      ///< that has published them
  size_t repeated = 0; ///< the same message again, by a publisher that had no answer, or the broker
  size_t of_several_ids = 0, without_id = 0, strangers = 0;
  size_t disorder = 0; ///< behind a later event of the same origin
  std::string late;    ///< some of these
  size_t digests = 0, digest_bytes = 0;
  std::map<std::string, nlohmann::json> last_of_node; ///< `events` of the last ledger
  std::string wrong_ledgers;
  uint64_t most_held = 0;

  void read(const received_message& m) {
    constexpr std::string_view digests_of = "butler-sos/senseflow/cluster/test/digests/", ledger = "/ledger";
    if (m.topic == "butler-sos/userevent" || m.topic == "butler-sos/logevent") return read_event(m);
    if (m.topic.rfind(digests_of, 0) == 0) {
      ++digests;
      digest_bytes += m.payload.size();
    } else if (m.topic.size() > ledger.size() &&
               m.topic.compare(m.topic.size() - ledger.size(), ledger.size(), ledger) == 0) {
      read_ledger(m.payload);
    }
  }
  size_t doubled() const {
    size_t n = 0;
    for (const auto& [number, all] : ids) n += all.size() - 1;
    return n;
  }
  /// Some of those that have come twice.
  std::string examples() const {
    std::string result;
    for (const auto& [number, all] : std::map<uint64_t, std::vector<std::string>>(ids.begin(), ids.end()))
      if (all.size() > 1 && result.size() < 500) result += " " + std::to_string(number);
    return result;
  }
  /// The first of those that were sent to a living node.
  std::vector<uint64_t> missing(const std::vector<uint8_t>& reached) const {
    std::vector<uint64_t> result;
    for (size_t i = 0; i < reached.size() && result.size() < 20; ++i)
      if (reached[i] > 0 && ids.count(i) == 0) result.push_back(i);
    return result;
  }

private:
  void read_event(const received_message& m) {
    const auto mark = mark_of(m.payload);
    const auto id = m.user.find("event"), node = m.user.find("node"), sequence = m.user.find("sequence");
    if (!mark.known) ++strangers;
    if (id == m.user.end() || node == m.user.end() ||
        m.payload.find("\"eventId\":\"" + id->second + '"') == std::string::npos)
      ++without_id;
    if (!mark.known || id == m.user.end() || node == m.user.end() || sequence == m.user.end()) return;
    if (!messages_.insert(node->second + '/' + sequence->second).second) return void(++repeated);
    ++by_node[node->second];
    auto& all = ids[mark.number];
    auto& latest = latest_[m.topic + '/' + std::string{mark.host}];
    if (all.empty() && mark.number < latest) {
      ++disorder;
      if (late.size() < 1000)
        late += " " + std::to_string(mark.number) + " by " + node->second + " after " + std::to_string(latest);
    }
    if (!all.empty() && all.front() != id->second) ++of_several_ids;
    latest = std::max(latest, mark.number);
    all.push_back(id->second);
  }
  void read_ledger(const std::string& payload) {
    const auto x = nlohmann::json::parse(payload);
    if (wrong_ledgers.size() < 1000) wrong_ledgers += unlawful_ledger(x);
    const auto& events = x.at("events");
    most_held = std::max(most_held, events.at("heldBack").get<uint64_t>());
    last_of_node[x.at("node")] = events;
  }

  std::unordered_set<std::string> messages_;
  std::map<std::string, uint64_t> latest_; ///< by topic and origin
};

/// Not thread-safe.
struct event_cluster {
  struct member {
    temp_dir directory;
    system_config c;
    std::unique_ptr<senseflow_process> run;
  };

  temp_dir directory;
  etcd_server etcd;
  mosquitto_broker broker;
  std::unique_ptr<subscriber> sub;
  std::array<member, 2> nodes;
  shared_arrivals seen;
  std::unique_ptr<shared_load> load;

  /// `access`: lines of the broker's access list.
  explicit event_cluster(const std::vector<std::string>& access = {})
      : broker{{true, {}, {}, {}, {}, {}, false, with_access(access), true}} {
    listen();
    for (size_t i = 0; i < nodes.size(); ++i) {
      auto& c = nodes[i].c;
      c.broker_port = broker.port();
      c.user_port = free_udp_port();
      c.log_port = free_udp_port();
      c.more = "  node: n" + std::to_string(i + 1) +
               "\n  ledger: {interval: 200}\n  cluster: {enable: true, name: test, leaseTtl: 3, etcd: "
               "{endpoints: ['" +
               etcd.endpoint() + "']}, eventDeduplication: {enable: true, group: [n1, n2]}}\n";
    }
  }

  /// True when it receives.
  bool start(size_t i) {
    auto& n = nodes[i];
    n.run = std::make_unique<senseflow_process>(n.directory, n.c.text());
    return n.run->ready();
  }
  bool start() { return start(0) && start(1) && knows_both(0) && knows_both(1); }
  /// A node that has just started.
  bool knows_both(size_t i) const {
    const auto& n = nodes.at(i);
    return n.run->says("nodes are now n1, n2");
  }
  void send(double rate, uint64_t loss = 100) {
    load = std::make_unique<shared_load>(std::vector<system_config>{nodes[0].c, nodes[1].c}, rate / slowdown,
                                         loss);
  }
  /// True when no event is on its way to the broker any more.
  bool at_rest() const { return nodes[0].run->at_rest(20s) && nodes[1].run->at_rest(20s); }

  /// Reads all that the broker has for the subscriber; not under load.
  bool catch_up() {
    if (!sub->settle()) return false;
    read();
    return true;
  }
  /// With MQTT 5 a subscriber gets no more than 65,535 messages in one connection: another one goes on.
  bool go_on_with_another_subscriber() {
    const auto former = std::exchange(sub, {});
    listen();
    const bool result = load->go_on(1s); // the former one gets what came before
    for (const auto& m : former->messages()) seen.read(m);
    return result;
  }

private:
  void read() {
    for (const auto& m : sub->messages()) seen.read(m);
    sub->clear();
  }
  void listen() {
    sub = std::make_unique<subscriber>(subscriber_options{
        broker.port(), "butler-sos/#", 1, {}, {}, {}, 5, "witness" + std::to_string(++subscribers_)});
  }
  std::vector<std::string> with_access(const std::vector<std::string>& lines) const {
    if (lines.empty()) return {};
    std::ofstream file{directory / "access"};
    for (const auto& x : lines) file << x << '\n';
    return {"acl_file " + (directory / "access")};
  }

  int subscribers_ = 0;
};

} // namespace senseflow::test
