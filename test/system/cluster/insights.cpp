#define CAF_SUITE system.cluster.insights
#include "test/support/unit_test.hpp"

#include "test/support/https_server.hpp"
#include "test/system/event_cluster.hpp"

#include <map>
#include <mutex>
#include <set>

using namespace senseflow;
using namespace senseflow::test;
using nlohmann::json;

namespace {

using texts = std::set<std::string>;
using counts = std::map<std::string, int>; ///< of connections, by user

constexpr auto live = "butler-sos/sessions/sense1/live", ended = "butler-sos/sessions/sense1/ended";

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

/// A Sense server; its sessions, of the default virtual proxy, are what the test says.
class sense_server {
public:
  explicit sense_server(const std::string& certificates)
      : server_({certificates + "/server.pem", certificates + "/server_key.pem", certificates + "/root.pem"},
                [this](const auto& request) { return answer(request.target); }) {}

  uint16_t port() const { return server_.port(); }
  void sessions_of(const texts& users) {
    std::lock_guard lock{mutex_};
    users_ = users;
  }
  /// A user's session.
  static std::string session(const std::string& user) {
    return "00000000-0000-4000-8000-00000000000" + user.substr(user.size() - 1);
  }

private:
  std::string answer(const std::string& target) const {
    const auto ok = [](const json& body) {
      return http_answer(200, body.dump(), "Content-Type: application/json\r\n");
    };
    if (target.find("/engine/healthcheck") != target.npos) return ok(health_);
    auto sessions = json::array();
    if (target.find("/hdr/") != target.npos) return ok(sessions);
    std::lock_guard lock{mutex_};
    for (const auto& user : users_)
      sessions.push_back({{"UserDirectory", "LAB"}, {"UserId", user}, {"SessionId", session(user)}});
    return ok(sessions);
  }

  static json recorded_health() {
    std::ifstream in{source_path("test/golden/health-default.json")};
    return json::parse(in);
  }

  const json health_ = recorded_health();
  mutable std::mutex mutex_; // guards the next
  texts users_;
  https_server server_; // last: its threads use all above
};

/// Two nodes that receive all events; one of them polls the server, each publishes the events of some hosts.
struct fixture : event_cluster {
  const std::vector<std::string> hosts{"PRO1", "PRO2", "PRO3", "PRO5"}; ///< of the one server's proxies
  std::unique_ptr<sense_server> sense;
  bench::datagram_sender out{"127.0.0.1"};
  uint64_t logged = 0; ///< log events that were sent

  fixture() {
    bench::make_certificates(directory / "certs");
    sense = std::make_unique<sense_server>(directory / "certs");
    for (auto& n : nodes) {
      n.c.certificates = directory / "certs";
      n.c.servers = {{"sense1", "127.0.0.1:" + std::to_string(sense->port())}};
      n.c.sessions = true;
      n.c.polling_ms = 500;
      n.c.more += "  insights:\n"
                  "    hosts: {PRO1: sense1, PRO2: sense1, PRO3: sense1, PRO5: sense1}\n"
                  "    sessions: {enable: true, interval: 100}\n"
                  "    storms: {enable: true, rate: 5, window: 1000}\n"
                  "    performance: {enable: true, window: 1000, publishAbove: 890}\n";
    }
  }

  /// One for each host: user0 comes from the first.
  std::string user(size_t host) const { return "user" + std::to_string(host); }
  counts each(int connections) const {
    counts result;
    for (size_t i = 0; i < hosts.size(); ++i) result[user(i)] = connections;
    return result;
  }

  /// To both nodes.
  void send(const std::string& host, const std::string& command, const std::string& of,
            const std::string& text = {}) {
    const auto kind = command.find("session") != command.npos ? "session" : "connection";
    const auto bytes = "/qseow-proxy-" + std::string{kind} + "/;" + host + ";" + command + ";LAB;" + of +
                       ";AppAccess;/app/5f1c2a84-0b7d-4e0e-9f5b-6a1d2c3e4f01;" + text +
                       " UserAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
                       "like Gecko) Chrome/120.0.0.0 Safari/537.36'";
    out.send({{nodes[0].c.user_port, bytes}, {nodes[1].c.user_port, bytes}});
  }
  /// Of each host's user.
  void open(int connections, const std::string& text) {
    for (size_t i = 0; i < hosts.size(); ++i)
      for (int n = 0; n < connections; ++n) send(hosts[i], "Open connection", user(i), text);
  }

  /// Of all hosts and sources, in bursts that find room: far beyond the rate of storms.
  void log(uint64_t events) {
    constexpr uint64_t burst = 20;
    const auto sources = bench::all_event_sources.size() - 1; // the last one is `user`
    auto due = std::chrono::steady_clock::now();
    for (const auto end = logged + events; logged < end;) {
      std::vector<bench::outgoing> now;
      for (uint64_t i = 0; i < burst && logged < end; ++i, ++logged) {
        bench::event_options o;
        o.host = hosts[logged / sources % hosts.size()];
        const auto bytes = bench::make_log_event(bench::all_event_sources[logged % sources], logged, o);
        for (const auto& n : nodes) now.push_back({n.c.log_port, bytes});
      }
      out.send(now);
      due += 50ms;
      eventually([&] { return std::chrono::steady_clock::now() >= due; }, 1s, 1ms);
    }
  }

  /// The newest on a topic.
  json newest(const std::string& topic) const {
    const auto all = sub->messages();
    for (auto i = all.rbegin(); i != all.rend(); ++i)
      if (i->topic == topic && !i->payload.empty()) return json::parse(i->payload);
    return {};
  }
  /// The table has just these sessions, and so many of their connections are open.
  bool shows(const counts& expected, const std::string& node) const {
    const auto good = [&] {
      const auto table = newest(live);
      if (!table.is_object() || table["node"] != node || table["count"] != expected.size()) return false;
      counts seen;
      for (const auto& s : table["sessions"]) {
        const auto of = s["userId"].get<std::string>();
        if (s["id"] != sense_server::session(of)) return false;
        seen[of] = s["connections"].get<int>();
      }
      return seen == expected;
    };
    if (eventually(good, 15s, 50ms)) return true;
    CAF_MESSAGE(newest(live).dump());
    return false;
  }
  /// Who polls the server; "" before anybody does.
  std::string poller() const {
    const auto table = newest(live);
    return table.is_object() ? table["node"].get<std::string>() : "";
  }
  static size_t index(const std::string& node) { return node == "n1" ? 0 : 1; }

  /// Of each host the nodes that have published events of its user.
  std::map<std::string, texts> publishers() const {
    std::map<std::string, texts> result;
    for (const auto& m : sub->messages())
      if (m.topic == "butler-sos/userevent")
        result[json::parse(m.payload)["host"].get<std::string>()].insert(m.user.at("node"));
    return result;
  }
  /// How sessions have ended, by user: each end once.
  std::multimap<std::string, std::string> ends() const {
    std::multimap<std::string, std::string> result;
    for (const auto& m : sub->messages())
      if (m.topic == ended) {
        const auto x = json::parse(m.payload);
        result.emplace(x["userId"].get<std::string>(), x["how"].get<std::string>());
      }
    return result;
  }

  /// What has become of the log events.
  struct account {
    std::set<uint64_t> published;
    uint64_t doubled = 0, folded = 0, digested = 0;

    uint64_t sum() const { return published.size() + folded + digested; }
  };
  account log_events() const {
    account result;
    for (const auto& m : sub->messages())
      if (m.topic == "butler-sos/logevent") {
        if (!result.published.insert(mark_of(m.payload).number).second) ++result.doubled;
      } else if (begins(m.topic, "butler-sos/storms/")) {
        result.folded += json::parse(m.payload)["count"].get<uint64_t>();
      } else if (begins(m.topic, "butler-sos/performance/")) {
        const auto x = json::parse(m.payload);
        result.digested += x["count"].get<uint64_t>() - x["published"].get<uint64_t>();
      }
    return result;
  }
  /// Each log event that was sent was published or is in one summary.
  void check_account() const {
    eventually([&] { return log_events().sum() >= logged; }, 15s, 100ms);
    const auto x = log_events();
    CAF_MESSAGE(logged << " log events: " << x.published.size() << " published, " << x.folded << " folded, "
                       << x.digested << " digested");
    CAF_CHECK_EQUAL(x.sum(), logged);
    CAF_CHECK_EQUAL(x.doubled, 0u);
  }

  void kill(size_t i) const {
    nodes.at(i).run->process().signal(SIGKILL);
    nodes.at(i).run->process().wait();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_insights_tests, fixture)

CAF_TEST(analyses see each event once whoever publishes it and whoever dies) {
  CAF_REQUIRE(start());
  CAF_REQUIRE(
      eventually([&] { return !poller().empty(); }, 20s)); // before its first list a table heeds no events
  const auto polls = poller(), other = std::string{polls == "n1" ? "n2" : "n1"};
  for (size_t i = 0; i < hosts.size(); ++i) {
    send(hosts[i], "Start session", user(i));
    for (int n = 0; n < 3; ++n) send(hosts[i], "Open connection", user(i)); // the same bytes, three events
    send(hosts[i], "Close connection", user(i));
  }
  sense->sessions_of({user(0), user(1), user(2), user(3)});
  CAF_CHECK(shows(each(2), polls));
  CAF_CHECK(at_rest());
  const auto by = publishers();
  CAF_CHECK_EQUAL(by.size(), hosts.size());
  texts publishing;
  for (const auto& [host, nodes_of_it] : by) {
    CAF_CHECK_EQUAL(nodes_of_it.size(), 1u);
    publishing.insert(nodes_of_it.begin(), nodes_of_it.end());
  }
  // So some of them were passed on to the analyses of the node that polls.
  CAF_CHECK_EQUAL(publishing, (texts{"n1", "n2"}));
  for (const auto& s : newest(live)["sessions"]) {
    CAF_CHECK_EQUAL(s["browser"], "Chrome 120");
    CAF_CHECK_EQUAL(s["startInferred"], false);
    CAF_CHECK_EQUAL(s["apps"][0]["connections"], 2);
  }

  CAF_MESSAGE("sessions that no list has ever had, and storms");
  for (const auto& host : hosts)
    for (const auto* command : {"Start session", "Stop session"}) send(host, command, "guest of " + host);
  log(600);
  check_account();
  CAF_CHECK(log_events().folded > 0 && log_events().digested > 0);
  CAF_CHECK(eventually([&] { return ends().size() >= hosts.size(); }, 15s, 100ms));
  std::multimap<std::string, std::string> gone;
  for (const auto& host : hosts) gone.emplace("guest of " + host, "stopped");
  CAF_CHECK(ends() == gone);

  CAF_MESSAGE("the node dies that does not poll: of its hosts' events the other one takes care");
  CAF_CHECK(at_rest());
  kill(index(other));
  open(2, "after the first death");
  log(200);
  CAF_CHECK(shows(each(4), polls));
  check_account();

  CAF_MESSAGE("it comes back, and the one that polls dies: a table begins anew with its owner");
  CAF_REQUIRE(start(index(other)));
  CAF_CHECK(knows_both(index(other)));
  CAF_CHECK(nodes[index(polls)].run->at_rest(20s));
  kill(index(polls));
  CAF_REQUIRE(shows(each(0), other));
  open(3, "after the second death");
  send(hosts[0], "Stop session", user(0));
  sense->sessions_of({user(1), user(2), user(3)});
  auto left = each(3);
  left.erase(user(0));
  CAF_CHECK(shows(left, other));
  CAF_CHECK(eventually([&] { return ends().count(user(0)) > 0; }, 15s, 100ms));

  CAF_MESSAGE("and nothing comes a second time");
  auto& last = *nodes[index(other)].run;
  CAF_CHECK(last.at_rest(20s));
  CAF_CHECK_EQUAL(last.stop(), 0);
  CAF_CHECK(sub->settle());
  CAF_CHECK(shows(left, other));
  gone.emplace(user(0), "stopped");
  CAF_CHECK(ends() == gone);
  check_account();
  for (const auto& n : nodes) CAF_CHECK_EQUAL(occurrences(n.run->output(), "accounting fault"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
