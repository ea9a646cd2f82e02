#define CAF_SUITE config.golden
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "config/print.hpp"
#include "faults.hpp"
#include "golden_configs.hpp"

#include <map>

using namespace senseflow;
using senseflow::test::golden_configs;

namespace {

/// Why a variant that the reference starts with is refused here: the key at fault.
const std::map<std::string, std::string> refused = {
    {"ue-src-empty", "Butler-SOS.userEvents.udpServerConfig.allowedSources"},
    {"h-missing-cert", "Butler-SOS.cert.clientCert"},
};

} // namespace

CAF_TEST(every recorded configuration loads unless nothing could work with it) {
  golden_configs golden;
  auto variants = golden.variants();
  CAF_CHECK_EQUAL(variants.size(), 95u);
  for (auto& variant : variants) {
    auto r = golden.load(variant);
    auto expected = refused.find(variant);
    if (expected == refused.end()) {
      if (!r.faults.empty()) CAF_ERROR(variant << ":\n" << test::listed(r.faults));
    } else {
      CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
      CAF_CHECK_EQUAL(r.faults[0].key, expected->second);
    }
  }
}

CAF_TEST(the same settings come back from what is printed) {
  golden_configs golden;
  for (auto& variant : golden.variants()) {
    auto printed = config::print(golden.load(variant).value);
    config::environment secrets; // which are not printed
    if (variant == "h-enc-key") secrets.cert_passphrase = golden_configs::passphrase;
    auto again = test::load_text(printed, secrets);
    if (refused.count(variant) == 0 && !again) CAF_ERROR(variant << ":\n" << test::listed(again.faults));
    CAF_CHECK_EQUAL(config::print(again.value), printed);
  }
}

CAF_TEST(a recorded configuration comes out as typed settings) {
  golden_configs golden;
  auto s = golden.load("le-qix-spec-full").value;
  CAF_CHECK_EQUAL(s.mqtt.broker_port, 1883u);
  CAF_CHECK_EQUAL(s.user_events.udp.server_host, "127.0.0.1");
  CAF_CHECK_EQUAL(s.user_events.udp.port, 9997u);
  CAF_CHECK_EQUAL(s.user_events.udp.message_queue.max_size, 200u);
  CAF_CHECK(s.user_events.tags == (std::vector<config::tag>{{"qs_env", "dev"}}));
  CAF_CHECK(s.log_events.source.qix_perf);
  CAF_CHECK_EQUAL(s.log_events.send_to_mqtt.base_topic, "qliksense/logevent");
  CAF_CHECK(!s.log_events.send_to_mqtt.post_to.source_topics);
  auto& monitor = s.log_events.performance;
  CAF_CHECK(monitor.enable && monitor.app_name_lookup && !monitor.all_apps.enable &&
            monitor.app_specific.enable);
  CAF_REQUIRE_EQUAL(monitor.app_specific.apps.size(), 2u);
  auto& second = monitor.app_specific.apps[1];
  CAF_REQUIRE_EQUAL(second.include.size(), 2u);
  CAF_CHECK(second.include[1].app_id == "5b817efe-472d-43ce-8a31-6cce34af7de9");
  CAF_CHECK(!second.object.all);
  CAF_CHECK_EQUAL(second.object.include, (std::vector<std::string>{"YJEpPT", "rwPjBk"}));
  CAF_CHECK_EQUAL(second.method.include, (std::vector<std::string>{"GenericObject::GetLayout"}));
  CAF_CHECK(s.app_names.enable);
  CAF_CHECK_EQUAL(s.app_names.extract_interval.count(), 1000);
  CAF_REQUIRE_EQUAL(s.monitor.servers.size(), 1u);
  CAF_CHECK_EQUAL(s.monitor.servers[0].name, "sense1");
  CAF_CHECK_EQUAL(s.monitor.polling_interval.count(), 3600000);
}

CAF_TEST(texts with every kind of character come back from what is printed) {
  golden_configs golden;
  auto s = golden.load("ue-tags-many").value;
  CAF_REQUIRE_EQUAL(s.user_events.tags.size(), 10u);
  CAF_CHECK_EQUAL(s.user_events.tags[7].value, "line\nbreak\x01");
  auto again = test::load_text(config::print(s));
  CAF_CHECK(again.value.user_events.tags == s.user_events.tags);
}

CAF_TEST(what the reference refuses is refused and its departures are allowed) {
  golden_configs golden;
  struct change {
    const char *what, *from, *to, *key; // key at fault; null = allowed
  };
  const change changes[] = {
      {"bad-host-chars", "brokerHost: 127.0.0.1", "brokerHost: 'bad host!'", "mqttConfig.brokerHost"},
      {"port-string", "brokerPort: 1883", "brokerPort: '1883'", "mqttConfig.brokerPort"},
      {"port-99999", "brokerPort: 1883", "brokerPort: 99999", "mqttConfig.brokerPort"},
      {"port-0", "brokerPort: 1883", "brokerPort: 0", "mqttConfig.brokerPort"},
      {"port-negative", "brokerPort: 1883", "brokerPort: -1", "mqttConfig.brokerPort"},
      {"port-float", "brokerPort: 1883", "brokerPort: 1883.5", "mqttConfig.brokerPort"},
      {"unresolvable-host", "brokerHost: 127.0.0.1", "brokerHost: no-such-host.invalid", nullptr},
      {"missing-baseTopic", "    baseTopic: butler-sos/\n", "", nullptr},
      {"extra-username-key", "    baseTopic: butler-sos/\n", "    username: me\n", nullptr},
      {"cfg-rule-level-FATAL", "- WARN", "- FATAL", nullptr},
      {"a level that is none", "- WARN", "- LOUD", "logEvents.categorise.rules[0].logLevel[0]"},
      {"cfg-rule-category-empty",
       "category:\n            - name: qs_log_category\n              value: access-denied\n",
       "category: []\n", "logEvents.categorise.rules[0].category"},
      {"cfg-rule-action-Drop-capital", "action: categorise", "action: Drop", nullptr},
      {"cfg-server-tag-undefined", "serverTags: null", "serverTags: {a: b}",
       "serversToMonitor.servers[0].serverTags"},
      {"cfg-tag-value-number", "value: dev", "value: 5", "userEvents.tags[0].value"},
      {"cfg-unknown-key-in-userEvents", "excludeUser: null", "excludeUsers: null", "userEvents.excludeUsers"},
      {"cfg-unknown-top-key", "  prometheus:\n", "  whatever: 1\n  prometheus:\n", nullptr},
      {"cfg-serverHost-ip6", "serverHost: 127.0.0.1", "serverHost: '::1'", nullptr},
      {"cfg-template-placeholder-host", "serverHost: 127.0.0.1", "serverHost: <IP or FQDN>",
       "userEvents.udpServerConfig.serverHost"},
      {"cfg-telemetry-on-sysinfo-off", "anonTelemetry: false", "anonTelemetry: true", nullptr},
  };
  for (auto& c : changes) {
    auto text = golden.text("le-cat-default");
    auto at = text.find(c.from);
    CAF_REQUIRE(at != std::string::npos);
    text.replace(at, std::string(c.from).size(), c.to);
    auto r = test::load_text(text);
    auto key = c.key ? "Butler-SOS." + std::string(c.key) : "";
    if (c.key ? r.faults.size() != 1 || r.faults[0].key != key : !r.faults.empty())
      CAF_ERROR(c.what << ": expected " << (c.key ? key : "no fault") << ", got:\n"
                       << test::listed(r.faults));
    else
      CAF_CHECK(true);
  }
}

CAF_TEST(virtual proxies of a used server must not be empty) {
  golden_configs golden;
  auto text = golden.text("s-root");
  std::string from = "virtualProxies:\n            - virtualProxy: /\n";
  auto at = text.find(from);
  CAF_REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), "virtualProxies: []\n");
  auto r = test::load_text(text);
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.serversToMonitor.servers[0].userSessions.virtualProxies");
}

CAF_TEST(missing user events are no fault) {
  golden_configs golden;
  auto text = golden.text("ue-base");
  auto from = text.find("  userEvents:\n"), to = text.find("  logEvents:\n");
  CAF_REQUIRE(from != std::string::npos && to != std::string::npos && from < to);
  text.erase(from, to - from);
  auto r = test::load_text(text);
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(!r.value.user_events.enable);
}
