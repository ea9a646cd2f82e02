#define CAF_SUITE system.insights
#include "test/support/unit_test.hpp"

#include "test/support/schema_check.hpp"
#include "test/system/own_site.hpp"

#include <map>
#include <optional>
#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr auto chrome =
    "UserAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36'";
constexpr auto live = "butler-sos/sessions/sense1/live", ended = "butler-sos/sessions/sense1/ended",
               memory = "butler-sos/health/sense1/memory";

/// A site with one server whose sessions come and go with each poll.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  std::unique_ptr<bench::site> site;
  system_config c;

  fixture() {
    site = start_site(directory, c);
    c.broker_port = broker.port();
    c.site = site.get();
    c.user_port = free_udp_port();
    c.polling_ms = 500;
    c.sessions = c.app_names = true;
  }

  static std::string insights(bool on) {
    const std::string x = on ? "true" : "false";
    return "  insights: {hosts: {PRO1: sense1}, sessions: {enable: " + x +
           ", interval: 100}, memory: {enable: " + x + ", interval: 100}}\n";
  }

  void send(const std::string& type, const std::string& command, const std::string& user,
            const std::string& context = "/hub") const {
    const auto text =
        "/qseow-proxy-" + type + "/;PRO1;" + command + ";LAB;" + user + ";Proxy;" + context + ";" + chrome;
    auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(c.user_port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto sent = ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
    ::close(fd);
    CAF_CHECK_EQUAL(sent, static_cast<ssize_t>(text.size()));
  }

  static std::optional<nlohmann::json> last(const std::vector<received_message>& xs,
                                            const std::string& topic) {
    for (auto i = xs.rbegin(); i != xs.rend(); ++i)
      if (i->topic == topic && !i->payload.empty()) return nlohmann::json::parse(i->payload);
    return std::nullopt;
  }
  /// Ids in an object with `sessions`.
  static std::set<std::string> ids(const nlohmann::json& x, const char* key) {
    std::set<std::string> result;
    for (const auto& s : x.at("sessions")) result.insert(s.at(key).get<std::string>());
    return result;
  }
  /// At some moment the table has what the lists have.
  static bool agree(const std::vector<received_message>& xs) {
    const auto table = last(xs, live), a = last(xs, "butler-sos/sessions/sense1/default"),
               b = last(xs, "butler-sos/sessions/sense1/hdr");
    if (!table || !a || !b) return false;
    auto listed = ids(*a, "SessionId");
    listed.merge(ids(*b, "SessionId"));
    return ids(*table, "id") == listed && (*table)["count"] == listed.size();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(insights_tests, fixture)

CAF_TEST(sessions are put together from lists and events and memory is watched) {
  c.more = insights(true);
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("insights: sessions, memory"));
  subscriber seen{broker.port()};
  CAF_REQUIRE(aut.says("receiving user events"));

  CAF_MESSAGE("the table has what the lists have");
  CAF_CHECK(seen.wait_for(agree, 20s));

  CAF_MESSAGE("and what events tell of it");
  std::string user;
  const auto told = [&](const std::vector<received_message>& xs) {
    const auto table = last(xs, live);
    if (!table) return false;
    for (const auto& s : (*table)["sessions"])
      if (s["userId"] == user && s.value("browser", "") == "Chrome 120" && !s["apps"].empty())
        return s["apps"][0].value("name", "") == "Sales overview" && s["connections"] > 0;
    return false;
  };
  bool heard = false;
  for (int i = 0; i < 10 && !heard; ++i) { // it may end meanwhile
    const auto table = last(seen.messages(), live);
    if (table && !(*table)["sessions"].empty() && (*table)["sessions"][0]["userDir"] == "LAB") {
      user = (*table)["sessions"][0]["userId"];
      send("connection", "Open connection", user, "/app/5f1c2a84-0b7d-4e0e-9f5b-6a1d2c3e4f01");
    }
    heard = seen.wait_for(told, 2s);
  }
  CAF_CHECK(heard);

  CAF_MESSAGE("a session that was shorter than an interval, and those that are listed no more");
  send("session", "Start session", "guest");
  send("session", "Stop session", "guest");
  const auto ends = [&](const std::string& how, const std::string& of) {
    return seen.wait_for(
        [&](const auto& xs) {
          return std::any_of(xs.begin(), xs.end(), [&](const auto& m) {
            if (m.topic != ended) return false;
            const auto x = nlohmann::json::parse(m.payload);
            return x["how"] == how && (of.empty() || x["userId"] == of);
          });
        },
        30s);
  };
  CAF_CHECK(ends("stopped", "guest"));
  CAF_CHECK(ends("vanished", ""));

  CAF_MESSAGE("what was published keeps the contract");
  CAF_CHECK(seen.wait_for_topic(memory));
  CAF_CHECK_EQUAL((*last(seen.messages(), memory))["alarm"], false);
  for (const auto& m : seen.messages()) {
    const auto fault = check_message(m.topic, m.payload, m.qos);
    CAF_CHECK_EQUAL(fault, "");
  }

  CAF_MESSAGE("state is retained, ends are not");
  subscriber late{broker.port()};
  CAF_CHECK(late.wait_for_topic(live));
  CAF_CHECK(late.wait_for_topic(memory));
  for (const auto& m : late.messages()) CAF_CHECK(!(m.retain && m.topic == ended));

  CAF_MESSAGE("a dead analyst costs nobody anything and goes on where it was");
  aut.control("kill insights/analyst");
  CAF_CHECK(aut.says("insights/analyst"));
  seen.clear();
  CAF_CHECK(seen.wait_for(agree, 20s));

  CAF_MESSAGE("switched off by a reload it is gone from the broker, and the encoder stays");
  seen.clear();
  c.more = insights(false);
  aut.configure(c.text());
  aut.process().signal(SIGHUP);
  CAF_REQUIRE(aut.says("configuration applied, settings: insights"));
  const auto cleared = [&](const auto& xs) {
    std::set<std::string> empty;
    for (const auto& m : xs)
      if (m.payload.empty()) empty.insert(m.topic);
    return empty.count(live) + empty.count(memory) == 2;
  };
  CAF_CHECK(seen.wait_for(cleared, 20s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto book = aut.ledger();
  CAF_CHECK(book["insight"]["published"] > 2);
  CAF_CHECK(book["insightevent"]["published"] > 1);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "does not balance"), 0u);
}

CAF_TEST(left out users are in no table and in no end) {
  c.more = insights(true);
  auto text = c.text();
  const std::string events = "  userEvents:\n    enable: true\n";
  std::string users;
  for (int i = 0; i < 40; i += 2)
    users += (i == 0 ? "" : ", ") + std::string{"{directory: LAB, userId: user"} + std::to_string(i) + "}";
  text.replace(text.find(events), events.size(), events + "    excludeUser: [" + users + "]\n");
  senseflow_process aut{directory, text};
  subscriber seen{broker.port()};
  const auto tables = [](const std::vector<received_message>& xs) {
    return std::count_if(xs.begin(), xs.end(), [](const auto& m) { return m.topic == live; }) > 10;
  };
  CAF_CHECK(seen.wait_for(tables, 30s));
  size_t sessions = 0;
  for (const auto& m : seen.messages()) {
    if (m.topic != live) continue;
    const auto table = nlohmann::json::parse(m.payload);
    for (const auto& s : table["sessions"]) {
      ++sessions;
      const auto number = std::stoi(s["userId"].get<std::string>().substr(4));
      CAF_CHECK(s["userDir"] != "LAB" || number % 2 == 1);
    }
  }
  CAF_CHECK(sessions > 0);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
