#define CAF_SUITE system.names
#include <caf/test/unit_test.hpp>

#include "test/support/name_server.hpp"
#include "test/system/system_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  bench::site_options o;
  std::unique_ptr<bench::site> site;
  system_config c;
  std::unique_ptr<name_server> dns;
  std::vector<std::string> in_namespace; ///< in which our name server is the only one

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
  bool has_name_server() {
    const auto address = "127.77.1." + std::to_string(::getpid() % 250 + 1);
    try {
      dns = std::make_unique<name_server>(address, 53);
    } catch (const std::exception& e) {
      CAF_MESSAGE("skipped, port 53 is not for this user: " << e.what());
      return false;
    }
    std::ofstream{directory / "resolv.conf"} << "nameserver " << address << '\n';
    in_namespace = {"unshare",
                    "-m",
                    "sh",
                    "-c",
                    "mount --bind " + (directory / "resolv.conf") + " /etc/resolv.conf && exec \"$@\"",
                    "sh"};
    auto probe = in_namespace;
    probe.emplace_back("true");
    if (child_process{probe}.wait() == 0) return true;
    CAF_MESSAGE("skipped, no mount namespaces here");
    return false;
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
  const auto began = std::chrono::steady_clock::now();
  senseflow_process aut{directory, c.text(), {}, in_namespace};
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_CHECK(std::chrono::steady_clock::now() - began < 3s);
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  bench::send_burst(g, 16);
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_CHECK(eventually([&] { return aut.ledger_now()["userevent"]["published"] == 16; }, 5s, 50ms));

  CAF_MESSAGE("the healthy server is polled on");
  CAF_REQUIRE(eventually([&] { return site->statistics().servers[0].counts.health >= 3; }));
  site->reset_statistics();
  CAF_CHECK(aut.says("no name server answers for silent0.example.com"));
  CAF_REQUIRE(eventually([&] { return site->statistics().servers[0].counts.health >= 15; }, 20s));
  CAF_CHECK(site->statistics().servers[0].intervals.longest < 2s);

  const auto stopped = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(std::chrono::steady_clock::now() - stopped < 3s);
}

CAF_TEST(names are found by the name server and stay known when it falls silent) {
  if (!has_name_server()) return;
  dns->tell("sense.example.com", {"127.0.0.1"});
  c.user_udp = "enableSourceValidation: true, allowedSources: [sense.example.com]";
  c.verify = false; // the site has another name
  c.servers = {{"named", "sense.example.com:" + std::to_string(site->endpoints()[0].port)}};
  c.site = nullptr;
  senseflow_process aut{directory, c.text(), {"-l", "verbose"}, in_namespace};
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE(aut.says("named health API: answering"));
  dns->silent("");
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  bench::send_burst(g, 16);
  CAF_CHECK(eventually([&] { return aut.ledger_now()["userevent"]["published"] == 16; }, 5s, 50ms));
  const auto polls = site->statistics().servers[0].counts.answered;
  CAF_CHECK(eventually([&] { return site->statistics().servers[0].counts.answered > polls + 3; }));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
