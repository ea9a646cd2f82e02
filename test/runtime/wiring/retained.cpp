#define CAF_SUITE runtime.wiring.retained
#include "test/support/unit_test.hpp"

#include "actors/encoding/encode_batch.hpp"
#include "actors/inbound/namesake_watch.hpp"
#include "runtime/wiring/encoding.hpp"
#include "runtime/wiring/insights.hpp"
#include "runtime/wiring/options.hpp"
#include "runtime/wiring/retained.hpp"

using namespace senseflow;
using topics = std::set<std::string>;

namespace {

config::settings some_settings() {
  config::settings s;
  s.mqtt.base_topic = "base/";
  s.node = "node";
  s.user_sessions.enable = true;
  for (auto name : {"sense1", "a/b +#"}) {
    config::server_settings x;
    x.name = name;
    x.host = "sense:4747";
    x.user_sessions.enable = true;
    x.user_sessions.virtual_proxies = {"/", "/hdr", "a/b/"};
    s.monitor.servers.push_back(x);
  }
  return s;
}

/// What is published retained of all that the pollers of these settings can come across.
topics published(const config::settings& s) {
  messages::item_list items;
  for (const auto& server : runtime::poller_options(s)) {
    messages::availability_sample status;
    status.server = server.server;
    items.availability.push_back(status);
    messages::server_event event;
    event.server = server.server;
    items.server_events.push_back(event);
    for (const auto& api : server.apis)
      if (api.cls == messages::item_class::health) {
        messages::health_sample x;
        x.server = server.server;
        x.host = server.host;
        for (auto value : {messages::health_value::mem_committed, messages::health_value::mem_free})
          x[value] = {messages::scalar_kind::number, "1000"};
        items.health.push_back(x);
      } else {
        messages::session_sample x;
        x.server = server.server;
        x.host = server.host;
        x.virtual_proxy = api.virtual_proxy;
        items.sessions.push_back(x);
      }
  }
  if (s.insights.sessions.enable || s.insights.memory.enable)
    for (const auto& spec : runtime::analysis_specs(s, nullptr)) {
      const auto what = spec.make();
      what->observe(items, {});
      messages::insights::findings found;
      what->tick({}, found);
      for (auto& x : found.insights) items.insights.push_back(std::move(x));
    }
  topics result;
  const auto encoded = actors::encode({{1, 1}, std::move(items)}, runtime::encoding_options(s), {});
  for (const auto& p : encoded.publications)
    for (const auto& m : p->messages)
      if (m.retain) result.insert(m.topic.str());
  return result;
}

} // namespace

CAF_TEST(what encoders have retained is what the configuration has) {
  const auto s = some_settings();
  auto expected = published(s);
  CAF_CHECK_EQUAL(expected.size(), 10u);
  CAF_CHECK_EQUAL(expected.count("base/sessions/sense1/default"), 1u);
  expected.insert({"base/senseflow/node/status", "base/senseflow/node/ledger"});
  const auto x = runtime::retained_topics_of(s);
  CAF_CHECK(x.all == expected);
  CAF_CHECK_EQUAL(x.presence, "base/senseflow/node/status");
  CAF_CHECK_EQUAL(x.node, "node");
}

CAF_TEST(what analyses find is among it whatever the layouts are) {
  auto s = some_settings();
  s.layouts.documented = false;
  s.insights.sessions.enable = s.insights.memory.enable = true;
  s.monitor.servers[1].user_sessions.enable = false;
  s.mqtt.presence = false;
  s.ledger.interval = std::chrono::milliseconds(0);
  CAF_CHECK(published(s) ==
            (topics{"base/health/sense1/memory", "base/health/a_b __/memory", "base/sessions/sense1/live"}));
  CAF_CHECK(runtime::retained_topics_of(s).all == published(s));
}

CAF_TEST(what is switched off is not among it) {
  auto s = some_settings();
  s.layouts.documented = false;
  CAF_CHECK(published(s).empty());
  CAF_CHECK(runtime::retained_topics_of(s).all ==
            (topics{"base/senseflow/node/status", "base/senseflow/node/ledger"}));
  s.mqtt.presence = false;
  CAF_CHECK(runtime::retained_topics_of(s).all == topics{"base/senseflow/node/ledger"});
  s.ledger.interval = std::chrono::milliseconds(0);
  CAF_CHECK(runtime::retained_topics_of(s).all.empty());
  s = some_settings();
  s.mqtt.retain.state = false;
  CAF_CHECK(published(s).empty());
  CAF_CHECK(runtime::retained_topics_of(s).all == topics{"base/senseflow/node/status"});
  s = some_settings();
  s.user_sessions.enable = false;
  CAF_CHECK_EQUAL(runtime::retained_topics_of(s).all.size(), 6u);
}

CAF_TEST(documents of devices are among it while home assistant is told of them) {
  auto s = some_settings();
  const auto before = runtime::retained_topics_of(s);
  s.home_assistant.enable = true;
  const auto x = runtime::retained_topics_of(s, [](const auto& server) { return server == "sense1"; });
  auto expected = before.all;
  const std::string begin = "homeassistant/device/senseflow_";
  expected.insert({"base/senseflow/node/health", begin + "node_base_node/config",
                   begin + "server_base_sense1/config", begin + "server_base_a-2fb-20-2b-23/config"});
  CAF_CHECK(x.all == expected);
  CAF_CHECK_EQUAL(x.elsewhere.count(begin + "server_base_a-2fb-20-2b-23/config"), 1u);
  CAF_CHECK_EQUAL(x.elsewhere.count(begin + "server_base_sense1/config"), 0u);
}

CAF_TEST(to a device belongs all that is published of its server or that the node says of itself) {
  auto s = some_settings();
  s.home_assistant.enable = true;
  const std::string begin = "homeassistant/device/senseflow_", node = begin + "node_base_node/config",
                    server = begin + "server_base_sense1/config";
  CAF_CHECK(runtime::topics_of_devices(s, {}).empty());
  CAF_CHECK(runtime::topics_of_devices(s, {node}) ==
            (topics{node, "base/senseflow/node/status", "base/senseflow/node/ledger",
                    "base/senseflow/node/health"}));
  auto all = runtime::topics_of_devices(s, {server});
  CAF_CHECK_EQUAL(all.size(), 6u); // health, status, three virtual proxies
  for (const auto& topic : all) CAF_CHECK(topic.find("sense1") != topic.npos);
  s.monitor.servers.erase(s.monitor.servers.begin());
  CAF_CHECK(runtime::topics_of_devices(s, {server}) == topics{server});
}

CAF_TEST(what is in dispute stays so with other settings) {
  const auto s = some_settings();
  runtime::snapshot<actors::retained_topics> x;
  x.update([](auto& now) { now.disputed = {"base/health/sense1"}; });
  runtime::configure(x, s, {});
  CAF_CHECK(x.load()->disputed == topics{"base/health/sense1"});
  CAF_CHECK(x.load()->all == runtime::retained_topics_of(s).all);
}

CAF_TEST(all that a node says of itself is a sign of one that has its name) {
  config::settings s;
  s.home_assistant.enable = s.insights.certificates.enable = true;
  const auto all = runtime::retained_topics_of(s).all;
  CAF_CHECK_EQUAL(all.size(), 5u);
  for (const auto& topic : all) {
    messages::heard_message x;
    x.topic = topic;
    x.payload = "{}";
    x.user["instance"] = "other";
    const bool is_device = topic.find("/device/") != topic.npos;
    CAF_CHECK_EQUAL(actors::namesake_watch{"me"}.foreign(x).has_value(), !is_device);
  }
}

CAF_TEST(what another node polls is known and not ours) {
  const auto s = some_settings();
  const auto all = runtime::retained_topics_of(s);
  CAF_CHECK(all.elsewhere.empty());
  const auto some = runtime::retained_topics_of(s, [](const auto& server) { return server == "sense1"; });
  CAF_CHECK(some.all == all.all);
  CAF_CHECK_EQUAL(some.elsewhere.size(), 5u); // health, status, three virtual proxies
  for (const auto& topic : some.elsewhere) CAF_CHECK(topic.find("sense1") == topic.npos);
}

CAF_TEST(insights have a topic for each server and one for the node) {
  auto s = some_settings();
  s.layouts.documented = false;
  s.insights.silence.enable = s.insights.clock.enable = s.insights.certificates.enable = true;
  auto all = runtime::retained_topics_of(s).all;
  CAF_CHECK_EQUAL(all.count("base/senseflow/node/certificates"), 1u);
  CAF_CHECK_EQUAL(all.count("base/health/sense1/clock"), 1u);
  CAF_CHECK_EQUAL(all.count("base/health/a_b __/clock"), 1u);
  CAF_CHECK_EQUAL(all.count("base/health/sense1/silence"), 0u); // nothing is received
  s.user_events.enable = true;
  all = runtime::retained_topics_of(s).all;
  CAF_CHECK_EQUAL(all.count("base/health/sense1/silence"), 1u);
  CAF_CHECK_EQUAL(
      runtime::retained_topics_of(s, [](const auto& x) { return x == "sense1"; }).elsewhere.size(), 2u);
}
