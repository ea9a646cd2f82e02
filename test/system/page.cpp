#define CAF_SUITE system.page
#include "test/support/unit_test.hpp"

#include "test/support/browser.hpp"
#include "test/support/free_port.hpp"
#include "test/support/stall_watch.hpp"
#include "test/system/system_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const std::string evil = "<img src=x onerror=alert(1)>";

void send_event(uint16_t port, const std::string& bytes) {
  const auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  CAF_CHECK(::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to) > 0);
  ::close(fd);
}

} // namespace

CAF_TEST(the page of a running program tells within three seconds that the broker is away and is back) {
  if (const auto why = why_no_browser(); !why.empty()) {
    CAF_MESSAGE("SKIPPED, nobody looks at the page: " << why);
    return;
  }
  temp_dir directory;
  mosquitto_broker broker;
  bench::make_certificates(directory / "certs");
  bench::site_options o;
  o.servers = 3;
  o.certificates = directory / "certs";
  bench::site site{o};
  system_config c;
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  c.site = &site;
  c.certificates = directory / "certs";
  c.sessions = true;
  const auto port = std::to_string(free_port());
  c.more = "  admin: {enable: true, port: " + port + "}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  send_event(c.user_port, "/qseow-proxy-session/;" + evil + ";Start session;LAB;me;Proxy;/ctx;text");
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  CAF_CHECK_EQUAL(bench::send_burst(g, 120).total, 120u);

  child_process page{{"node", browser_path("against_program.js"), "http://127.0.0.1:" + port + "/",
                      browser_path("program.png"), evil}};
  const auto says = [&](const std::string& text, std::chrono::milliseconds within) {
    if (soon([&] { return !page.wait_for_line("the page says: " + text, 50ms).empty(); }, within))
      return true;
    CAF_MESSAGE(page.output());
    return false;
  };
  CAF_REQUIRE(says("all is well", 60s));
  broker.stop();
  CAF_CHECK(says("the broker is away", 3s));
  broker.start();
  CAF_REQUIRE(says("the broker is back", 60s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(says("no news", 10s));
  const auto code = page.wait(20s);
  if (!code || *code != 0) CAF_ERROR(page.output());
}
