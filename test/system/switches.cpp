#define CAF_SUITE system.switches
#include "test/support/unit_test.hpp"

#include "bench/event_generator/sender.hpp"
#include "test/support/schema_check.hpp"
#include "test/system/system_fixture.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

using namespace senseflow;
using namespace senseflow::test;

namespace {

using names = std::set<std::string>;

/// All that can be switched on, switched off, with little patience.
constexpr auto features = R"(  node: here
  ledger: {interval: 500}
  layouts: {flat: false}
  homeAssistant: {enable: false}
  requests: {enable: false, allow: [ping]}
  insights:
    hosts: {M1: sense1}
    silence: {enable: false}
    sessions: {enable: false, interval: 100}
    storms: {enable: false, rate: 1, window: 1000}
    performance: {enable: false, window: 1000}
    memory: {enable: false, interval: 100}
    clock: {enable: false}
    certificates: {enable: false}
)";

/// Those without a channel of their own: what changes with them is other messages.
const names without_channel{"mqttConfig.onChange.values", "mqttConfig.onChange.documented",
                            "mqttConfig.lookAround.leftovers", "mqttConfig.lookAround.namesake"};

names operator+(names a, const names& b) {
  a.insert(b.begin(), b.end());
  return a;
}

names operator-(const names& a, const names& b) {
  names result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(result, result.end()));
  return result;
}

std::string listed(const names& all) {
  std::string result;
  for (const auto& x : all) result += (result.empty() ? "" : ", ") + x;
  return result;
}

/// A site with one server, its events, and somebody who asks.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  subscriber seen{{broker.port(), "#", 2, {}, {}, {}, 5}};
  bench::site_options o;
  std::unique_ptr<bench::site> site;
  system_config c;
  std::unique_ptr<senseflow_process> aut;
  const message_contract contract;
  names always, retained_ones;           ///< channels: without a switch; of both kinds
  std::map<std::string, names> switched; ///< channels by setting
  bench::datagram_sender sender{"127.0.0.1"};
  uint64_t number = 0;

  fixture() {
    bench::make_certificates(directory / "certs");
    o.certificates = directory / "certs";
    o.start.clock = 0s;
    site = std::make_unique<bench::site>(o);
    c.broker_port = broker.port();
    c.mqtt = "onChange: {values: false, documented: false}, lookAround: {leftovers: false, namesake: false}";
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.site = site.get();
    c.certificates = directory / "certs";
    c.polling_ms = 200;
    c.sessions = true;
    c.more = features;
    for (const auto& x : contract.facts()) {
      if (!x.published) continue;
      (x.switched_by.empty() ? always : switched[x.switched_by]).insert(x.name);
      if (x.retained) retained_ones.insert(x.name);
    }
    switched.erase("cluster.enable"); // needs etcd: see system.deployment
  }

  static void switch_on(YAML::Node at, const std::string& setting) {
    const auto dot = setting.find('.');
    auto next = at[setting.substr(0, dot)];
    if (dot != std::string::npos) return switch_on(next, setting.substr(dot + 1));
    if (!next.IsDefined() || next.as<bool>())
      throw std::logic_error("the configuration of this test does not have " + setting + ": false");
    next = true;
  }
  std::string with(const names& switches) const {
    auto file = YAML::Load(c.text());
    for (const auto& x : switches) switch_on(file["Butler-SOS"], x);
    return YAML::Dump(file) + '\n';
  }
  void reload(const names& switches) {
    seen.clear();
    const auto before = occurrences(aut->output(), "configuration applied, ");
    aut->configure(with(switches));
    aut->process().signal(SIGHUP);
    CAF_REQUIRE(eventually([&] { return occurrences(aut->output(), "configuration applied, ") > before; }));
  }

  /// A session comes and goes, each service logs the same several times, and somebody asks.
  void stir() {
    bench::event_options from;
    from.host = "M1";
    std::vector<bench::outgoing> all;
    for (const auto* x : {"session/;M1;Start session", "connection/;M1;Open connection",
                          "connection/;M1;Close connection", "session/;M1;Stop session"})
      all.push_back({c.user_port, std::string{"/qseow-proxy-"} + x + ";LAB;guest;Proxy;/hub;"});
    for (const auto source : bench::all_event_sources)
      for (int i = 0; i < 5 && source != bench::event_source::user; ++i)
        all.push_back({c.log_port, bench::make_log_event(source, number++, from)});
    sender.send(all);
    child_process ask{{"mosquitto_pub", "-p", std::to_string(broker.port()), "-q", "1", "-t",
                       "butler-sos/senseflow/here/request/ping", "-n"}};
    ask.wait();
  }

  /// Messages that clear are none.
  names channels_of(const std::vector<received_message>& all) const {
    names result;
    for (const auto& m : all)
      if (!m.payload.empty())
        for (const auto& x : contract.channels_of(m.topic)) result.insert(x);
    result.erase("request"); // ours
    return result;
  }
  bool sees(const names& expected) {
    names missing;
    const auto all_there = [&] {
      stir();
      missing = expected - channels_of(seen.messages());
      return missing.empty();
    };
    if (eventually(all_there, 20s, 100ms)) return true;
    CAF_MESSAGE("not seen: " << listed(missing));
    return false;
  }
  /// What the broker keeps belongs to these channels and to no others.
  bool keeps(const names& expected) const {
    names kept;
    const auto as_expected = [&] {
      subscriber now{broker.port()};
      if (!now.settle()) return false;
      kept = channels_of(now.messages());
      return kept == expected;
    };
    if (eventually(as_expected, 10s, 100ms)) return true;
    CAF_MESSAGE("missing: " << listed(expected - kept) << "; too many: " << listed(kept - expected));
    return false;
  }
  names retained_of(const names& channels) const { return channels - (channels - retained_ones); }

  /// State says whose it is.
  bool any_instance() const {
    const auto all = seen.messages();
    return std::any_of(all.begin(), all.end(), [](const auto& m) { return m.user.count("instance") > 0; });
  }
  /// Some time in which windows end, and no session is without an end.
  bool time_passes() {
    seen.clear();
    return eventually(
        [&] {
          stir();
          return seen.count("butler-sos/senseflow/here/ledger") >= 4;
        },
        20s, 100ms);
  }
  /// Each poll has said the version again, in the time that has passed.
  bool repeats() const { return seen.count("butler-sos/127.0.0.1/version") > 0; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(switches_tests, fixture)

CAF_TEST(each feature publishes where it is on and leaves nothing where it is off) {
  names all_switches = without_channel, all_switched;
  for (const auto& [setting, channels] : switched) {
    all_switches.insert(setting);
    all_switched = all_switched + channels;
  }
  CAF_REQUIRE(switched.size() >= 10);

  CAF_MESSAGE("all off");
  aut = std::make_unique<senseflow_process>(directory, with({}));
  CAF_REQUIRE(aut->ready());
  CAF_REQUIRE(sees(always - names{"serverEvents"}));
  o.base_port = site->endpoints()[0].port;
  o.seed = 17; // another engine
  site.reset();
  site = std::make_unique<bench::site>(o);
  c.site = site.get();
  CAF_CHECK(sees({"serverEvents"}));
  CAF_CHECK(keeps(retained_of(always)));
  CAF_CHECK_EQUAL(listed(channels_of(seen.messages()) - always), "");

  names last, before; // what they still had to say may come first
  for (const auto& [setting, channels] : switched) {
    CAF_MESSAGE(setting << " alone");
    reload({setting});
    CAF_CHECK(sees(channels));
    CAF_CHECK(keeps(retained_of(always + channels)));
    CAF_CHECK_EQUAL(listed(channels_of(seen.messages()) - always - channels - last - before), "");
    CAF_CHECK(!any_instance());
    before = std::exchange(last, channels);
  }

  CAF_MESSAGE("all on");
  reload(all_switches);
  CAF_CHECK(sees(all_switched));
  CAF_CHECK(keeps(retained_of(always + all_switched)));
  CAF_CHECK(any_instance());
  CAF_CHECK(eventually([&] { return time_passes() && !repeats(); }, 20s));

  CAF_MESSAGE("all off again");
  reload({});
  CAF_CHECK(keeps(retained_of(always)));
  CAF_CHECK(time_passes());
  CAF_REQUIRE(seen.settle());
  CAF_CHECK(time_passes());
  CAF_CHECK(repeats());
  CAF_CHECK_EQUAL(listed(channels_of(seen.messages()) - always), "");
  CAF_CHECK(!any_instance());
  CAF_CHECK_EQUAL(aut->stop(), 0);
  CAF_CHECK_EQUAL(occurrences(aut->output(), "does not balance"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
