#define CAF_SUITE system.faults
#include "test/support/unit_test.hpp"

#include "test/support/free_port.hpp"
#include "test/system/system_fixture.hpp"

#include <sys/stat.h>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  system_config c;

  std::string certificates(bench::certificate_options o = {}) {
    bench::make_certificates(directory / "certs", o);
    return directory / "certs";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(fault_tests, fixture)

CAF_TEST(a broker that is not there is said once and found when it comes) {
  mosquitto_broker broker;
  broker.stop();
  c.broker_port = broker.port();
  c.actors = "reconnect: {initialDelay: 50, maxDelay: 200}";
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("MQTT broker 127.0.0.1:" + std::to_string(broker.port()) + " can't be reached"));
  broker.start();
  CAF_CHECK(aut.says("connected to the MQTT broker", 30s));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "can't be reached"), 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(events wait for the broker) {
  mosquitto_broker broker;
  broker.stop();
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  c.actors = "reconnect: {initialDelay: 50, maxDelay: 200}";
  // A subscriber's session would be gone with the broker: what is retained stays.
  c.mqtt = "retain: {events: true}";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("can't be reached"));
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  bench::send_burst(g, 100);
  broker.start();
  CAF_REQUIRE(aut.says("connected to the MQTT broker", 30s));
  subscriber sub{broker.port()};
  CAF_CHECK(sub.wait_for_topic("butler-sos/userevent"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger()["userevent"];
  CAF_CHECK_EQUAL(book["published"], 100);
}

CAF_TEST(a wrong password is said in plain words) {
  broker_options o;
  o.allow_anonymous = false;
  o.username = "senseflow";
  o.password = "right";
  mosquitto_broker broker{o};
  c.broker_port = broker.port();
  c.mqtt = "username: senseflow, password: hunter2";
  senseflow_process aut{directory, c.text(), {"-l", "debug"}};
  CAF_CHECK(aut.says("check user name, password"));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "hunter2"), 0u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(the right password works) {
  broker_options o;
  o.allow_anonymous = false;
  o.username = "senseflow";
  o.password = "right";
  mosquitto_broker broker{o};
  c.broker_port = broker.port();
  std::ofstream{directory / "password"} << "right\n";
  c.mqtt = "username: senseflow, passwordFile: " + (directory / "password");
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("connected to the MQTT broker"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an unreachable Sense server is said once and polled when it comes) {
  mosquitto_broker broker;
  c.broker_port = broker.port();
  c.certificates = certificates();
  auto port = free_port();
  c.servers = {{"late", "127.0.0.1:" + std::to_string(port)}};
  c.polling_ms = 100;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("late health API: "));
  bench::site_options o;
  o.certificates = directory / "certs";
  o.base_port = port;
  bench::site site{o};
  CAF_CHECK(aut.says("late health API: recovered"));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "late health API"), 2u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an expired certificate of ours is said) {
  mosquitto_broker broker;
  bench::certificate_options o;
  o.expired_client = true;
  bench::site_options site_options;
  site_options.certificates = certificates(o);
  bench::site site{site_options};
  c.broker_port = broker.port();
  c.certificates = directory / "certs";
  std::filesystem::copy(directory / "certs/client_expired.pem", directory / "certs/old.pem");
  std::filesystem::copy(directory / "certs/client_expired_key.pem", directory / "certs/old_key.pem");
  c.client = "old";
  c.site = &site;
  senseflow_process aut{directory, c.text()};
  auto line = aut.process().wait_for_line("sense1 health API");
  CAF_MESSAGE(line);
  CAF_CHECK(line.find("certificate") != std::string::npos);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(an expired certificate of a server is said) {
  mosquitto_broker broker;
  bench::certificate_options o;
  o.expired_server = true;
  bench::site_options site_options;
  site_options.certificates = certificates(o);
  site_options.server_name = "server_expired";
  bench::site site{site_options};
  c.broker_port = broker.port();
  c.certificates = directory / "certs";
  c.site = &site;
  senseflow_process aut{directory, c.text()};
  auto line = aut.process().wait_for_line("sense1 health API");
  CAF_MESSAGE(line);
  CAF_CHECK(line.find("expired") != std::string::npos);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a missing certificate file starts nothing) {
  c.broker_port = 1883;
  c.certificates = directory / "nowhere";
  c.servers = {{"sense1", "127.0.0.1:4747"}};
  senseflow_process aut{directory, c.text()};
  auto code = aut.process().wait();
  CAF_REQUIRE(code);
  CAF_CHECK_EQUAL(*code, 1);
  CAF_CHECK(aut.says("clientCert"));
  CAF_CHECK(aut.says("nowhere/client.pem"));
  CAF_CHECK(aut.says("nothing was started"));
}

CAF_TEST(a port in use is said and taken when it is free) {
  mosquitto_broker broker;
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  c.actors = "reconnect: {initialDelay: 50, maxDelay: 200}";
  auto other = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(c.user_port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CAF_REQUIRE_EQUAL(::bind(other, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("in use"));
  ::close(other);
  CAF_CHECK(aut.says("receiving user events"));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "in use"), 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a datagram that is no event is told with its sender and what it looks like) {
  mosquitto_broker broker;
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving user events"));
  const auto send = [&](const std::string& bytes) {
    const auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(c.user_port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
    ::close(fd);
  };
  for (int i = 0; i < 100; ++i) send("/proxy-session/;SENSE1;Start session;LAB;anna\x1b[31m\n");
  CAF_CHECK(aut.says("datagram from 127.0.0.1 to the port for user events"));
  CAF_CHECK(aut.says("\"/proxy-session/;SENSE1;Start session;LAB;anna\\x1b[31m\\x0a\""));
  CAF_CHECK(aut.says("install the Proxy appender of version 7 or later"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "datagram from"), 1u);
  CAF_CHECK_EQUAL(aut.ledger()["userevent"]["dropped"]["unknown_source"].get<int>(), 100);
}

CAF_TEST(a stop accounts for every datagram that had arrived) {
  mosquitto_broker broker;
  c.broker_port = broker.port();
  c.user_port = free_udp_port();
  c.more = "  delivery: {mode: memory}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE(aut.says("receiving user events"));
  bench::generator_options g;
  g.user_port = c.user_port;
  g.sources = {bench::event_source::user};
  aut.process().signal(SIGSTOP); // so that they are all in the kernel's buffer
  bench::send_burst(g, 25'000);
  aut.process().signal(SIGTERM);
  aut.process().signal(SIGCONT);
  CAF_CHECK_EQUAL(aut.process().wait(30s).value_or(-1), 0);
  const auto book = aut.ledger()["userevent"];
  CAF_MESSAGE(book.dump());
  CAF_CHECK_EQUAL(book["received"].get<int>() + book["kernelDrops"].get<int>(), 25'000);
  CAF_CHECK(occurrences(aut.output(), "does not balance") == 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
