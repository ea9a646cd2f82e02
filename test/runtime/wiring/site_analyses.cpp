#define CAF_SUITE runtime.wiring.site_analyses
#include "test/support/unit_test.hpp"

#include "runtime/wiring/site_analyses.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

struct fixture {
  actors::context_ptr env = std::make_shared<actors::context>();
  std::shared_ptr<runtime::observer> node =
      std::make_shared<runtime::observer>(env, std::make_shared<actors::shared_cluster_view::element_type>(),
                                          std::make_shared<actors::poll_permits>());
  config::settings s;

  fixture() {
    config::server_settings x;
    x.name = "sense1";
    x.host = "qlik1.example.com:4747";
    x.tags = {{"host", "QV-17"}};
    x.user_sessions.enable = true;
    x.user_sessions.host = "proxy1.example.com:4243";
    s.monitor.servers = {x};
    s.user_events.enable = true;
    s.node = "n1";
  }
  std::vector<actors::analysis_spec> analyses(const runtime::site_notes& from = {}) {
    return runtime::site_analyses(s, from, runtime::section_texts{s});
  }
  std::vector<std::string> on() {
    std::vector<std::string> result;
    for (const auto& x : analyses()) result.push_back(x.name);
    return result;
  }
  messages::insights::findings found(const std::string& name) {
    messages::insights::findings result;
    auto brokers = std::make_shared<runtime::broker_certificates>(env);
    for (const auto& x : analyses({env, node, brokers}))
      if (x.name == name) x.make()->tick({caf::make_timestamp(), std::chrono::steady_clock::now()}, result);
    return result;
  }
};

using names = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(site_analyses_tests, fixture)

CAF_TEST(each is there when it is switched on and has something to look at) {
  CAF_CHECK(on().empty());
  s.insights.silence.enable = s.insights.clock.enable = s.insights.certificates.enable = true;
  CAF_CHECK_EQUAL(on(), (names{"silence", "losses", "machines", "clock", "certificates"}));
  CAF_CHECK(runtime::follows_arrivals(s));
  s.user_events.enable = false;
  CAF_CHECK_EQUAL(on(), (names{"clock", "certificates"}));
  s.monitor.servers.clear();
  CAF_CHECK_EQUAL(on(), (names{"certificates"}));
}

CAF_TEST(settings that matter make another version) {
  s.insights.silence.enable = true;
  const auto version = [&] { return analyses()[0].version; };
  const auto before = version();
  s.insights.clock.limit = 7s;
  CAF_CHECK_EQUAL(version(), before);
  s.insights.silence.after = 7s;
  const auto then = version();
  CAF_CHECK(then != before);
  s.user_sessions.enable = true; // its proxies are servers, too
  CAF_CHECK(version() != then);
}

CAF_TEST(machines are known by engine proxy and tag and by what is said of them) {
  s.insights.hosts = {{"OLD", "sense1"}};
  auto hosts = runtime::hosts_of(s);
  CAF_CHECK_EQUAL(hosts.of("QLIK1"), "sense1");
  CAF_CHECK_EQUAL(hosts.of("qv-17"), "sense1");
  CAF_CHECK_EQUAL(hosts.of("old"), "sense1");
  CAF_CHECK_EQUAL(hosts.of("PROXY1"), ""); // its sessions are not polled
  s.user_sessions.enable = true;
  CAF_CHECK_EQUAL(runtime::hosts_of(s).of("PROXY1"), "sense1");
}

CAF_TEST(they look at what was noted) {
  s.insights.clock.enable = s.insights.certificates.enable = true;
  node->configured(s);
  const auto now = caf::make_timestamp();
  env->notices.servers.update("sense1", [&](auto& x) {
    x.clock = {{}, std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) + 60s, now - 10ms, now};
    x.certificates["health"] = {"", "", "CN = a", "CN = root", now + 100h};
    x.certificates["sessions/"] = {"", "", "CN = a", "CN = root", now + 100h};
  });
  const auto clock = found("clock");
  CAF_REQUIRE_EQUAL(clock.insights.size(), 1u);
  CAF_CHECK_EQUAL(clock.insights[0].topic, "health/sense1/clock");
  CAF_REQUIRE_EQUAL(clock.alarms.size(), 1u);
  CAF_CHECK(node->look().clocks.at("sense1") > 58 && node->look().clocks.at("sense1") < 62);
  const auto seen = [&] {
    return nlohmann::json::parse(found("certificates").insights.at(0).payload)["certificates"];
  };
  CAF_CHECK_EQUAL(seen().size(), 1u);
  CAF_CHECK(seen()[0]["of"] == "Sense server sense1");
  env->notices.servers.update("sense1", [&](auto& x) { x.certificates["sessions/"].subject = "CN = b"; });
  env->notices.certificates.update("Sense repository", [&](auto& x) {
    x = {"", "", "CN = c", "CN = root", now + 200h};
  });
  CAF_CHECK_EQUAL(seen().size(), 3u);
  CAF_CHECK(seen()[0]["of"] == "Sense proxy of sense1");
  CAF_CHECK(seen()[2]["of"] == "Sense repository");
  CAF_MESSAGE("and so does the observer while it is switched on");
  CAF_CHECK_EQUAL(node->look().certificates.size(), 3u);
  s.insights.certificates.enable = s.insights.clock.enable = false;
  node->configured(s);
  CAF_CHECK(node->look().certificates.empty());
  CAF_CHECK(node->look().clocks.empty());
}

CAF_TEST(what came counts where its port is switched on) {
  s.insights.silence.enable = true;
  s.insights.silence.expect = {"user-events", "engine"};
  const auto list = std::make_shared<messages::insights::arrival_list>(1);
  list->front().host = "QLIK1";
  list->front().from = messages::insights::service::engine;
  list->front().datagrams = 5;
  list->front().gaps = 1;
  list->front().last = std::chrono::steady_clock::now();
  env->notices.arrivals.update(item_class::log_event, [&](auto& x) { x = list; });
  const auto made = [&] {
    for (const auto& x : analyses({env, node, nullptr}))
      if (x.name == "losses") return x.make();
    throw std::logic_error("there is none");
  };
  const auto alarms = [&](auto& aut) {
    messages::insights::findings result;
    aut->tick({{}, std::chrono::steady_clock::now()}, result);
    return result.alarms.size();
  };
  auto off = made();
  s.log_events.source.engine = true;
  auto on = made();
  CAF_CHECK_EQUAL(alarms(off) + alarms(on), 0u);
  const auto more = std::make_shared<messages::insights::arrival_list>(*list);
  more->front().gaps = 2;
  env->notices.arrivals.update(item_class::log_event, [&](auto& x) { x = more; });
  CAF_CHECK_EQUAL(alarms(off), 0u);
  CAF_CHECK_EQUAL(alarms(on), 1u);
}

CAF_TEST(while others send than those that are noted nobody says that nothing comes) {
  s.insights.silence.enable = s.log_events.source.engine = true;
  s.insights.silence.after = 5s;
  s.insights.silence.expect = {"engine"};
  const auto aut = analyses({env, node, nullptr})[0].make();
  messages::insights::moment now{caf::make_timestamp(), std::chrono::steady_clock::now()};
  messages::item_list items;
  items.health.resize(1);
  items.health[0].server = "sense1";
  items.health[0][messages::health_value::session_total] = {messages::scalar_kind::number, "5"};
  aut->observe(items, now);
  const auto text_after = [&](std::chrono::seconds t) {
    now.wall += t;
    now.steady += t;
    messages::insights::findings found;
    aut->tick(now, found);
    return found.alarms.empty() ? std::string{} : found.alarms.at(0).text;
  };
  const auto nobody = "from any server";
  env->notices.ports.update(item_class::log_event, [](auto& x) { x.open = true; });
  CAF_CHECK_EQUAL(text_after(0s), "");
  CAF_CHECK(text_after(6s).find(nobody) != std::string::npos);
  env->notices.ports.update(item_class::log_event, [&](auto& x) { x.not_followed = now.steady; });
  CAF_CHECK(text_after(1s).find("while others send") != std::string::npos);
  CAF_CHECK(text_after(6s).find(nobody) != std::string::npos);
  CAF_MESSAGE("nor that a machine without a name may be the server");
  const auto list = std::make_shared<messages::insights::arrival_list>(1);
  list->front().from = messages::insights::service::engine;
  list->front().last = now.steady;
  env->notices.arrivals.update(item_class::log_event, [&](auto& x) { x = list; });
  CAF_CHECK(text_after(1s).find("while others send") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
