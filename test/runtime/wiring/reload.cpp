#define CAF_SUITE runtime.wiring.reload
#include "runtime/wiring/reload.hpp"

#include "config/effective.hpp"
#include "config/schema/describe.hpp"
#include "runtime/wiring/tree.hpp"
#include "test/support/temp_dir.hpp"
#include "test/support/unit_test.hpp"

#include <algorithm>
#include <fstream>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

config::settings base() {
  config::settings s;
  s.mqtt.enable = s.user_events.enable = s.log_events.source.engine = s.app_names.enable = true;
  s.user_sessions.enable = s.admin.enable = s.requests.enable = true;
  s.log_events.categorise.rules.resize(1);
  s.log_events.categorise.rules[0].filters.resize(1);
  for (auto name : {"sense1", "sense2"}) {
    config::server_settings x;
    x.name = name;
    x.host = x.name + ":4747";
    x.user_sessions.enable = true;
    x.user_sessions.virtual_proxies = {"/"};
    s.monitor.servers.push_back(x);
  }
  return s;
}

/// Changes the n-th setting, whatever it is.
class changer : public config::schema::visitor {
public:
  using entry = config::schema::entry;

  explicit changer(size_t n) : left_(n) {}

  bool done() const { return done_; }

  void flag(const entry&, bool& x) override {
    if (hit()) x = !x;
  }
  void text(const entry&, std::string& x, config::schema::format) override {
    if (hit()) x += "x";
  }
  void text(const entry&, std::optional<std::string>& x) override {
    if (hit()) x = x.value_or("") + "x";
  }
  void hidden(const entry&, config::secret& x) override {
    if (hit()) x = config::secret{x.reveal() + "x"};
  }
  void texts(const entry&, std::vector<std::string>& xs, config::schema::format, std::string_view) override {
    if (hit()) xs.push_back("x");
  }

private:
  void whole_number(const entry&, const void*, uint64_t& x, config::schema::bounds b,
                    std::string_view) override {
    if (hit()) x = x < b.max ? x + 1 : x - 1;
  }
  void one_of(const entry&, const void*, size_t& index, const config::schema::choices& names) override {
    if (hit()) index = (index + 1) % names.size();
  }
  void pairs(const entry&, const void*, std::vector<config::schema::named_value>& xs, config::schema::format,
             bool) override {
    if (hit()) xs.push_back({"name", "value"});
  }
  void begin_section(const entry&) override {}
  void end_section() override {}
  size_t begin_list(const entry&, const void*, size_t size) override { return size; }
  void begin_item(size_t) override {}
  void end_item() override {}
  void end_list() override {}

  bool hit() {
    if (done_ || left_-- > 0) return false;
    return done_ = true;
  }

  size_t left_;
  bool done_ = false;
};

std::string changed_path(const config::settings& a, const config::settings& b) {
  auto xs = config::effective(a), ys = config::effective(b);
  for (size_t i = 0; i < std::min(xs.size(), ys.size()); ++i)
    if (xs[i].path != ys[i].path || xs[i].value != ys[i].value) return xs[i].path;
  return {};
}

/// Followed by running actors: nobody has to be replaced.
const texts followed{"logLevel",
                     "mqttConfig.qos",
                     "mqttConfig.retain",
                     "mqttConfig.expiry",
                     "mqttConfig.onChange",
                     "userEvents.excludeUser",
                     "userEvents.tags",
                     "userEvents.sendToMQTT",
                     "logEvents.tags",
                     "logEvents.source",
                     "logEvents.categorise",
                     "logEvents.enginePerformanceMonitor",
                     "logEvents.sendToMQTT",
                     "insights",
                     "layouts",
                     "actors.supervision",
                     "actors.encoders.count", // accepted, and without an effect
                     "actors.pollers.maxConnections",
                     "serversToMonitor.serverTagsDefinition"};

} // namespace

CAF_TEST(no setting is changed without an effect) {
  auto running = base();
  running.cluster.enable = running.cluster.event_deduplication.enable = true;
  running.home_assistant.enable = true;
  const auto versions = child_versions(running);
  size_t n = 0;
  for (;; ++n) {
    auto file = running;
    changer c{n};
    config::schema::describe(c, file);
    if (!c.done()) break;
    auto path = changed_path(running, file);
    CAF_REQUIRE(!path.empty());
    auto change = compare(running, file);
    CAF_MESSAGE(path);
    CAF_CHECK_EQUAL(change.applied.empty(), !change.restarting.empty()); // one or the other
    bool in_place = std::any_of(followed.begin(), followed.end(),
                                [&](const auto& x) { return path.compare(0, x.size(), x) == 0; });
    bool replaces = child_versions(change.result) != versions;
    if (change.restarting.empty())
      CAF_CHECK(in_place || replaces);
    else
      CAF_CHECK(!replaces); // and it has none until then
  }
  CAF_CHECK(n > 100);
}

CAF_TEST(who a node of a cluster is and what others count on needs a restart) {
  auto running = base();
  running.cluster.enable = true;
  auto file = running;
  file.cluster.weight = 7;
  file.cluster.etcd.endpoints = {"http://etcd2:2379"};
  file.cluster.name = "other";
  file.cluster.lease_ttl = std::chrono::seconds(9);
  const auto change = compare(running, file);
  CAF_CHECK_EQUAL(change.result.cluster.weight, 7u);
  CAF_CHECK_EQUAL(change.result.cluster.etcd.endpoints.size(), 1u);
  CAF_CHECK_EQUAL(change.result.cluster.name, "senseflow");
  CAF_CHECK_EQUAL(change.result.cluster.lease_ttl.count(), 5);
  CAF_CHECK_EQUAL(change.restarting.size(), 2u);
  file = running;
  file.cluster.enable = false;
  CAF_CHECK(compare(running, file).result.cluster.enable);
}

CAF_TEST(of a secret that needs a restart only its name is told) {
  config::settings running;
  auto file = running;
  file.cluster.enable = true;
  file.cluster.etcd.password = config::secret{"opensesame"};
  const auto needed = compare(running, file).restarting;
  CAF_CHECK_EQUAL(std::count(needed.begin(), needed.end(), "cluster.etcd.password"), 1);
  CAF_CHECK(std::any_of(needed.begin(), needed.end(), [](const auto& x) {
    return x.find("cluster.enable (runs with false, the file says true)") == 0;
  }));
}

CAF_TEST(servers that come and go do not touch the others) {
  auto running = base();
  auto file = running;
  file.monitor.servers.erase(file.monitor.servers.begin());
  config::server_settings added;
  added.name = "sense3";
  file.monitor.servers.insert(file.monitor.servers.begin(), 2, added);
  file.monitor.servers[1].name = "sense4";
  auto change = compare(running, file);
  CAF_CHECK_EQUAL(change.applied, (texts{"servers: +sense3, +sense4, -sense1"}));
  CAF_CHECK(change.restarting.empty());
  auto before = child_versions(running), after = child_versions(change.result);
  CAF_CHECK_EQUAL(before.at("polling/sense2"), after.at("polling/sense2"));
}

CAF_TEST(a changed server is named once and its settings are not listed) {
  auto running = base();
  auto file = running;
  file.monitor.servers[1].host = "elsewhere:4747";
  auto change = compare(running, file);
  CAF_CHECK_EQUAL(change.applied, (texts{"servers: ~sense2"}));
}

CAF_TEST(only what depends on a setting is replaced) {
  auto running = base();
  running.actors.publishers.count = 2;
  auto replaced = [&](auto f) {
    auto file = running;
    f(file);
    auto before = child_versions(running), after = child_versions(compare(running, file).result);
    texts result;
    for (const auto& [path, text] : after) {
      auto old = before.find(path);
      if (old == before.end())
        result.push_back("+" + path);
      else if (old->second != text)
        result.push_back(path);
    }
    for (const auto& [path, text] : before)
      if (after.count(path) == 0) result.push_back("-" + path);
    return result;
  };
  auto a = replaced([](auto& s) { s.mqtt.password = config::secret{"other"}; });
  CAF_CHECK_EQUAL(a, (texts{"delivery/publisher-1", "delivery/publisher-2", "inbound/listener"}));
  auto r = replaced([](auto& s) { s.requests.allow = {"reload"}; });
  CAF_CHECK_EQUAL(r, (texts{"inbound/requests"}));
  auto b = replaced([](auto& s) { s.actors.encoders.window = 2; });
  CAF_CHECK_EQUAL(b, (texts{"encoding/encoder"}));
  auto p = replaced([](auto& s) { s.actors.publishers.count = 1; });
  CAF_CHECK_EQUAL(p, (texts{"-delivery/publisher-2"}));
  auto c = replaced([](auto& s) { s.user_events.udp.allowed_sources = {"10.0.0.1"}; });
  CAF_CHECK_EQUAL(c, (texts{"ingest/user-events"}));
  auto d = replaced([](auto& s) { s.cert.client_cert = "other.pem"; });
  CAF_CHECK_EQUAL(d, (texts{"lookup/app-directory", "polling/sense1", "polling/sense2"}));
  auto e = replaced([](auto& s) { s.user_events.enable = s.app_names.enable = false; });
  CAF_CHECK_EQUAL(e, (texts{"-ingest/user-events", "-lookup/app-directory"}));
  auto f = replaced([](auto& s) { s.log_events.categorise.enable = true; });
  CAF_CHECK(f.empty());
  const auto name_machine = [](auto& s) { s.insights.hosts = {{"QLIK1", "sense1"}}; };
  CAF_CHECK(replaced(name_machine).empty());
  running.insights.clock.enable = true; // receivers note which machines are servers
  auto g = replaced(name_machine);
  CAF_CHECK_EQUAL(g, (texts{"ingest/log-events", "ingest/user-events", "insights/analyst"}));
}

CAF_TEST(a server may have any name even that of another actor) {
  auto s = base();
  s.app_names.enable = true;
  const auto without = child_versions(s).size();
  for (const auto* name : {"app-directory", "polling", "lookup", "outbox"}) {
    s.monitor.servers.push_back(s.monitor.servers.front());
    s.monitor.servers.back().name = name;
  }
  CAF_CHECK_EQUAL(child_versions(s).size(), without + 4);
}

CAF_TEST(a port that was switched off may be another one when it is switched on again) {
  auto running = base();
  running.user_events.enable = false;
  auto file = running;
  file.user_events.enable = true;
  file.user_events.udp.port = 1;
  auto change = compare(running, file);
  CAF_CHECK(change.restarting.empty());
  CAF_CHECK_EQUAL(change.result.user_events.udp.port, 1);
}

CAF_TEST(another token or certificate in the same file is a change) {
  auto file = base();
  file.admin.token = config::secret{"another"};
  CAF_CHECK_EQUAL(compare(base(), file).applied, texts{"contents of the files of admin"});
  CAF_CHECK(child_versions(base()).at("admin/server") != child_versions(file).at("admin/server"));
  file = base();
  file.admin.tls.certificate = "renewed";
  CAF_CHECK_EQUAL(compare(base(), file).applied.size(), 1u);
  file.admin.enable = false;
  CAF_CHECK_EQUAL(child_versions(file).count("admin/server"), 0u);
}

CAF_TEST(nothing is said where nothing has changed) {
  auto change = compare(base(), base());
  CAF_CHECK(change.applied.empty());
  CAF_CHECK(change.restarting.empty());
}

CAF_TEST(what a file has no more is told as such) {
  auto running = base();
  running.mqtt.base_topic = "site/";
  running.log_level = config::log_level::debug;
  auto file = running;
  file.mqtt.base_topic = config::settings{}.mqtt.base_topic;
  file.log_level = config::log_level::error;
  file.user_events.enable = false;
  file.monitor.servers.pop_back();
  CAF_CHECK_EQUAL(compare(running, file).gone, (texts{"ingest/user-events", "polling/sense2",
                                                      "mqttConfig.baseTopic", "userEvents.enable"}));
  CAF_CHECK(compare(file, running).gone.empty());
}

CAF_TEST(each reload is counted by what became of it) {
  test::temp_dir directory;
  auto file = directory / "senseflow.yaml";
  auto write = [&](const std::string& more) {
    std::ofstream{file} << "Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: 127.0.0.1" << more << "}\n";
  };
  configuration_source source{file, config::log_level::error, {}};
  source.environment.mqtt_password = "secret";
  write("");
  auto loaded = read(source);
  CAF_REQUIRE(loaded);
  service_tree tree{loaded.value, nullptr, nullptr};
  reloader aut{source, loaded.value, tree.env().counters, [&](const auto& s) { tree.follow(s); }};
  auto count = [&](const char* result) {
    return tree.env().counters.value("reloads_total", {{"result", result}});
  };

  aut.reload();
  CAF_CHECK_EQUAL(count("unchanged"), 1);
  write(", brokerPort: 0");
  aut.reload();
  CAF_CHECK_EQUAL(count("faulty"), 1);
  write(", brokerPort: 1884");
  aut.reload();
  CAF_CHECK_EQUAL(count("applied"), 1);
  CAF_CHECK_EQUAL(aut.running().mqtt.broker_port, 1884);
  CAF_CHECK(aut.running().log_level == config::log_level::error);
  CAF_CHECK_EQUAL(aut.running().mqtt.password.reveal(), "secret");
  std::ofstream{file} << "Butler-SOS:\n  mqttConfig: {enable: false}\n";
  aut.reload();
  std::filesystem::remove(file);
  aut.reload();
  CAF_CHECK_EQUAL(count("faulty"), 3);
  CAF_CHECK_EQUAL(aut.running().mqtt.broker_port, 1884);
  CAF_CHECK_EQUAL(count("applied"), 1);
}
