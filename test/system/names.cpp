#define CAF_SUITE system.names
#include "test/support/unit_test.hpp"

#include "test/support/stall_watch.hpp"
#include "test/system/private_names.hpp"
#include "test/system/system_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr auto waits_in_vain = 4500ms; ///< who waits for a silent name server

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  bench::site_options o;
  std::unique_ptr<bench::site> site;
  system_config c;
  private_names names{directory};
  name_server* const dns = names.dns.get();

  fixture() {
    bench::make_certificates(directory / "certs");
    o.certificates = directory / "certs";
    o.expected_interval = 500ms;
    site = std::make_unique<bench::site>(o);
    c.broker_port = broker.port();
    c.site = site.get();
    c.certificates = directory / "certs";
    c.polling_ms = 500;
    c.user_port = free_udp_port();
  }

  /// False, with a line that says why, where that can't be had.
  bool has_name_server() const {
    if (dns == nullptr) CAF_MESSAGE("skipped, " << names.problem);
    return dns != nullptr;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(names_tests, fixture)

CAF_TEST(a silent name server stops neither events nor polls nor the end) {
  if (!has_name_server()) return;
  dns->silent("");
  c.user_udp = "enableSourceValidation: true, allowedSources: ['127.0.0.1'";
  for (int i = 0; i < 10; ++i) c.user_udp += ", sense" + std::to_string(i) + ".example.com";
  c.user_udp += "]";
  for (int i = 0; i < 3; ++i)
    c.servers.emplace_back("silent" + std::to_string(i), "silent" + std::to_string(i) + ".example.com:4747");
  senseflow_process aut{directory, c.text(), {}, names.in_namespace};
  CAF_REQUIRE(aut.says("receiving user events"));
  const auto so_far = aut.output(); // before any name was waited for in vain
  CAF_CHECK_EQUAL(occurrences(so_far.substr(0, so_far.find("receiving user events")), "no name server"), 0u);
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  bench::send_burst(g, 16);
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_CHECK(eventually([&] { return aut.ledger_now()["userevent"]["published"] == 16; }, 10s, 50ms));

  CAF_MESSAGE("the healthy server is polled on");
  CAF_REQUIRE(eventually([&] { return site->statistics().servers[0].counts.health >= 3; }));
  const fair_stopwatch polled;
  site->reset_statistics();
  CAF_CHECK(aut.says("no name server answers for silent0.example.com"));
  CAF_REQUIRE(eventually([&] { return site->statistics().servers[0].counts.health >= 15; }, 20s));
  CAF_CHECK(site->statistics().servers[0].intervals.longest - polled.stalled() < waits_in_vain);

  const fair_stopwatch stopped;
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(stopped.passed() < waits_in_vain);
}

CAF_TEST(names are found by the name server and stay known when it falls silent) {
  if (!has_name_server()) return;
  dns->tell("sense.example.com", {"127.0.0.1"});
  c.user_udp = "enableSourceValidation: true, allowedSources: [sense.example.com]";
  c.verify = false; // the site has another name
  c.servers = {{"named", "sense.example.com:" + std::to_string(site->endpoints()[0].port)}};
  c.site = nullptr;
  senseflow_process aut{directory, c.text(), {"-l", "verbose"}, names.in_namespace};
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE(aut.says("named health API: answering"));
  dns->silent("");
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  bench::send_burst(g, 16);
  CAF_CHECK(eventually([&] { return aut.ledger_now()["userevent"]["published"] == 16; }, 10s, 50ms));
  const auto polls = site->statistics().servers[0].counts.answered;
  CAF_CHECK(eventually([&] { return site->statistics().servers[0].counts.answered > polls + 3; }));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
