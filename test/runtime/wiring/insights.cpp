#define CAF_SUITE runtime.wiring.insights
#include "test/support/unit_test.hpp"

#include "actors/cluster/cluster_view.hpp"
#include "runtime/wiring/estates.hpp"
#include "runtime/wiring/insights.hpp"
#include "runtime/wiring/reload.hpp"

#include <algorithm>

using namespace senseflow;
using namespace runtime;
using strings = std::vector<std::string>;

namespace {

config::settings some_settings() {
  config::settings s;
  config::server_settings x;
  x.name = "sense1";
  x.host = "engine1.example.com:4747";
  x.user_sessions.enable = true;
  x.user_sessions.host = "pro1.example.com:4243";
  x.user_sessions.virtual_proxies = {"/", "/hdr"};
  s.monitor.servers.push_back(x);
  s.user_sessions.enable = true;
  s.insights.sessions.enable = s.insights.memory.enable = true;
  return s;
}

strings names(const config::settings& s) {
  strings result;
  for (const auto& x : analysis_specs(s, nullptr)) result.push_back(x.name);
  return result;
}

messages::insights::findings heard_from(const config::settings& s, const std::string& host) {
  const auto specs = analysis_specs(s, nullptr);
  const auto aut = specs.front().make();
  messages::item_list items;
  items.sessions.resize(1);
  items.sessions[0].server = "sense1";
  items.sessions[0].virtual_proxy = "/";
  items.user_events.resize(1);
  items.user_events[0].host = host;
  items.user_events[0].command = "Start session";
  aut->observe(items, {});
  messages::insights::findings found;
  aut->tick({}, found);
  return found;
}

/// What an event of this host is told to be.
std::string unmatched(const config::settings& s, const std::string& host) {
  const auto found = heard_from(s, host);
  for (const auto& c : found.counts)
    if (c.name == "session_events_unmatched_total") return c.labels.at("reason");
  return {};
}

} // namespace

CAF_TEST(an analysis is there when it is switched on and has something to look at) {
  auto s = some_settings();
  CAF_CHECK_EQUAL(names(s), (strings{"sessions", "memory"}));
  CAF_CHECK_EQUAL(describe_insights(s), "insights: sessions, memory");
  s.monitor.servers[0].user_sessions.enable = false;
  CAF_CHECK_EQUAL(names(s), (strings{"memory"}));
  s.monitor.servers.clear();
  CAF_CHECK(names(s).empty());
  CAF_CHECK_EQUAL(analyst_version(s, section_texts{s}), "");
  CAF_CHECK_EQUAL(describe_insights(s), "");
  const config::settings nothing;
  CAF_CHECK_EQUAL(analyst_version(nothing, section_texts{nothing}), "");
}

CAF_TEST(each analysis has a version that follows from its own settings) {
  const auto was = analysis_specs(some_settings(), nullptr);
  const auto changed = [&](auto f) {
    auto s = some_settings();
    f(s);
    strings result;
    const auto is = analysis_specs(s, nullptr);
    for (size_t i = 0; i < is.size(); ++i)
      if (is[i].version != was[i].version) result.push_back(is[i].name);
    return result;
  };
  const strings none, both{"sessions", "memory"}, sessions{"sessions"}, memory{"memory"};
  CAF_CHECK_EQUAL(changed([](auto& s) { s.insights.sessions.max_bytes = 5000; }), sessions);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.insights.hosts = {{"PRO9", "sense1"}}; }), sessions);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.user_events.exclude_user = {{"LAB", "anna"}}; }), sessions);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.insights.memory.limit_mb = 5000; }), memory);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.mqtt.base_topic = "other/"; }), both);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.app_names.enable = true; }), both);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.monitor.servers.push_back(s.monitor.servers[0]); }), both);
  CAF_CHECK_EQUAL(changed([](auto& s) { s.mqtt.broker_host = "other"; }), none);
}

CAF_TEST(an insight setting replaces nobody but the analyst) {
  auto before = some_settings(), after = before;
  after.insights.memory.limit_mb = 5000;
  const auto a = child_versions(before), b = child_versions(after);
  for (const auto& [path, version] : a) CAF_CHECK_EQUAL(b.at(path) != version, path == "insights/analyst");
  after.insights.memory.enable = after.insights.sessions.enable = false;
  auto c = child_versions(after);
  CAF_CHECK_EQUAL(c.count("insights/analyst"), 0u);
  c["insights/analyst"] = a.at("insights/analyst");
  CAF_CHECK(c == a);
}

CAF_TEST(events are found by the names of the host of the proxy and by what is said) {
  auto s = some_settings();
  CAF_CHECK_EQUAL(unmatched(s, "PRO1"), "");
  CAF_CHECK_EQUAL(unmatched(s, "Pro1.Example.Com"), "");
  CAF_CHECK_EQUAL(unmatched(s, "engine1"), "unknown_host"); // a proxy of its own, perhaps
  s.insights.hosts = {{"odd", "sense1"}};
  CAF_CHECK_EQUAL(unmatched(s, "ODD"), "");
  s.monitor.servers[0].user_sessions.host = "10.0.0.1:4243";
  s.monitor.servers[0].tags = {{"host", "named"}};
  for (const auto* host : {"10.0.0.1", "ENGINE1", "named"}) CAF_CHECK_EQUAL(unmatched(s, host), "");
  CAF_CHECK_EQUAL(unmatched(s, "10"), "unknown_host");
}

CAF_TEST(a machine that is no server at all is told of once) {
  auto s = some_settings();
  for (const auto* host : {"elsewhere", "ENGINE1"}) CAF_CHECK_EQUAL(heard_from(s, host).lines.size(), 1u);
  s.insights.clock.enable = true; // who sends is looked at, too
  CAF_CHECK_EQUAL(heard_from(s, "elsewhere").lines.size(), 0u);
  CAF_CHECK_EQUAL(heard_from(s, "ENGINE1").lines.size(), 1u);
}

CAF_TEST(the feed is open while something is analysed and what was known goes when nothing is) {
  service_estates own;
  own.outlets = std::make_unique<source_outlets>(
      100u, [] { return uint64_t{1}; }, [](const auto&) {});
  auto s = some_settings();
  const std::map<std::string, std::string> versions{{"insights/analyst", "v"}};
  auto children = insight_children(s, own, versions);
  CAF_REQUIRE_EQUAL(children.size(), 1u);
  CAF_CHECK_EQUAL(children[0].name, "analyst");
  CAF_CHECK_EQUAL(children[0].version, "v");
  CAF_CHECK(own.insights.feed->is_open());
  const auto known = own.insights.analyst;
  insight_children(s, own, versions);
  CAF_CHECK(own.insights.analyst == known);
  s.insights = {};
  CAF_CHECK(insight_children(s, own, versions).empty());
  CAF_CHECK(!own.insights.feed->is_open());
  CAF_CHECK(!own.insights.analyst);
}
