#define CAF_SUITE runtime.wiring.home_assistant
#include "test/support/unit_test.hpp"

#include "runtime/wiring/home_assistant.hpp"

#include <chrono>

using namespace senseflow;
using namespace std::chrono_literals;

namespace {

config::settings some_settings() {
  config::settings s;
  s.mqtt.base_topic = "base/";
  s.node = "n1";
  s.home_assistant.enable = true;
  for (auto name : {"sense1", "sense2"}) {
    config::server_settings x;
    x.name = name;
    s.monitor.servers.push_back(x);
  }
  return s;
}

} // namespace

CAF_TEST(the documents tell of the servers that are polled here) {
  auto s = some_settings();
  const auto all = runtime::discovery_options_of(s);
  CAF_CHECK_EQUAL(all.devices.servers.size(), 2u);
  CAF_CHECK_EQUAL(all.devices.at.node, "n1");
  CAF_CHECK_EQUAL(all.birth_topic, "homeassistant/status");
  const auto some = runtime::discovery_options_of(s, [](const auto& x) { return x == "sense2"; });
  CAF_REQUIRE_EQUAL(some.devices.servers.size(), 1u);
  CAF_CHECK_EQUAL(some.devices.servers[0].name, "sense2");
  CAF_CHECK(all.devices.elsewhere.empty());
  CAF_CHECK(some.devices.elsewhere == std::vector<std::string>{"sense1"});
}

CAF_TEST(health lasts for three polls and their time limit and longer where the unchanged is left out) {
  auto s = some_settings();
  CAF_CHECK(runtime::discovery_options_of(s).devices.servers[0].lasts == 95s);
  CAF_CHECK(runtime::discovery_options_of(s).devices.node.ledger_lasts == 185s);
  s.mqtt.on_change.values = true;
  CAF_CHECK(runtime::discovery_options_of(s).devices.servers[0].lasts == 95s);
  s.mqtt.on_change.documented = true;
  CAF_CHECK(runtime::discovery_options_of(s).devices.servers[0].lasts == 695s);
  s = some_settings();
  s.monitor.polling_interval = 333ms;
  CAF_CHECK(runtime::discovery_options_of(s).devices.servers[0].lasts == 6s);
}

CAF_TEST(what is switched off is not told) {
  auto s = some_settings();
  CAF_CHECK(runtime::discovery_options_of(s).devices.node.user_events.empty());
  s.home_assistant.user_events = true;
  CAF_CHECK_EQUAL(runtime::discovery_options_of(s).devices.node.user_events, "butler-sos/userevent");
  CAF_CHECK(runtime::discovery_options_of(s).devices.node.ledger);
  s.ledger.interval = 0ms;
  CAF_CHECK(!runtime::discovery_options_of(s).devices.node.ledger);
}

CAF_TEST(the log says where devices are told and births are heard) {
  auto s = some_settings();
  CAF_CHECK_EQUAL(runtime::describe_home_assistant(s),
                  "Home Assistant: devices at homeassistant/device/+/config, its starts are heard at "
                  "homeassistant/status");
  s.home_assistant.user_events = true;
  CAF_CHECK(runtime::describe_home_assistant(s).find("+/config with user events,") != std::string::npos);
  s.home_assistant.enable = false;
  CAF_CHECK_EQUAL(runtime::describe_home_assistant(s), "");
}

CAF_TEST(it hears births and what becomes of devices) {
  auto s = some_settings();
  const auto filters = runtime::home_assistant_filters(s);
  CAF_REQUIRE_EQUAL(filters.size(), 2u);
  CAF_CHECK_EQUAL(filters[0].filter, "homeassistant/status");
  CAF_CHECK_EQUAL(filters[1].filter, "homeassistant/device/+/config");
  CAF_CHECK_EQUAL(filters[1].begins, "homeassistant/device/senseflow_"); // those of others are large
  for (const auto& topic : runtime::discovery_topics_of(s))
    CAF_CHECK_EQUAL(topic.rfind(filters[1].begins, 0), 0u);
  s.home_assistant.enable = false;
  CAF_CHECK(runtime::home_assistant_filters(s).empty());
  CAF_CHECK(runtime::discovery_topics_of(s).empty());
}
