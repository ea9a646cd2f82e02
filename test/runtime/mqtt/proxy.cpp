#define CAF_SUITE runtime.mqtt.proxy
#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"
#include "runtime/mqtt/proxy.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_tunnel.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/temp_dir.hpp"

#include <cstdlib>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

namespace {

bool gets_through(publisher& p) {
  return p.connect() && p.publish(1, {"t", std::string(100'000, 'x'), 1}) == publish_result::sent &&
         p.outcome(1).what == kind::delivered;
}

} // namespace

CAF_TEST(the proxies of the environment are never used) {
  for (const auto* name : {"http_proxy", "https_proxy"})
    ::setenv(name, ("http://127.0.0.1:" + std::to_string(free_port())).c_str(), 1);
  runtime::forget_proxy_variables(); // as the program does at its start
  rude_broker broker;
  publisher p(options_for(broker.port()));
  CAF_CHECK(gets_through(p));
}

CAF_TEST(connections go through the proxy that is configured) {
  rude_broker broker;
  http_tunnel proxy(broker.port());
  auto o = options_for(1883);
  o.host = "broker.example.com"; // for the proxy to look up
  o.proxy = {"localhost", proxy.port()};
  publisher p(o);
  CAF_CHECK(gets_through(p));
  const auto asked_for = proxy.asked_for();
  CAF_CHECK_EQUAL(asked_for.front(), "broker.example.com:1883");
}

CAF_TEST(tls goes through the proxy and ends at the broker) {
  temp_dir pki;
  bench::make_certificates(pki.path().string());
  broker_options b;
  b.tls_certificate_file = pki / "server.pem";
  b.tls_key_file = pki / "server_key.pem";
  mosquitto_broker broker(b);
  http_tunnel proxy(broker.port());
  auto o = options_for(8883);
  o.host = "localhost";
  o.proxy = {"127.0.0.1", proxy.port()};
  o.tls = true;
  o.tls_ca_file = pki / "root.pem";
  publisher p(o);
  CAF_CHECK(gets_through(p));
}

CAF_TEST(what is wrong with the proxy is told) {
  const auto failure = [](uint16_t port) {
    auto o = options_for(1883);
    o.proxy = {"127.0.0.1", port};
    o.connect_timeout = 1s;
    publisher p(o);
    const auto text = p.failure();
    CAF_MESSAGE(text);
    return text;
  };
  rude_broker broker;
  CAF_CHECK(contains(failure(free_port()), "can't be reached: 127.0.0.1 refuses connections"));
  http_tunnel wants_password(broker.port(), 407), forbids(broker.port(), 403), silent(broker.port());
  CAF_CHECK(contains(failure(wants_password.port()), "wants a user name"));
  CAF_CHECK(contains(failure(forbids.port()), "does not allow"));
  silent.silence();
  CAF_CHECK(contains(failure(silent.port()), "does not answer"));
  http_tunnel without_broker(free_port());
  CAF_CHECK(contains(failure(without_broker.port()), "can't reach the broker"));
  broker.on_accept(rude_broker::ending::fin);
  CAF_CHECK(contains(failure(broker.port()), "is not what an HTTP proxy would"));
}

CAF_TEST(a proxy that trickles its answer keeps nobody waiting and is named) {
  rude_broker broker;
  http_tunnel slow(broker.port());
  slow.trickle();
  auto o = options_for(1883);
  o.proxy = {"127.0.0.1", slow.port()};
  o.connect_timeout = 2s;
  publisher through_it(o), other(options_for(broker.port()));
  const auto began = std::chrono::steady_clock::now();
  through_it.client->connect();
  CAF_CHECK(gets_through(other));
  CAF_REQUIRE(through_it.events.wait_for(*through_it.client, kind::connect_failed));
  CAF_CHECK(std::chrono::steady_clock::now() - began < 5s * slowdown);
  const auto text = through_it.events.text(kind::connect_failed);
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "the proxy 127.0.0.1:" + std::to_string(slow.port()) + " has not finished"));
}

CAF_TEST(a broker that is silent behind a proxy is told with the proxy) {
  rude_broker broker;
  broker.silence(true);
  http_tunnel proxy(broker.port());
  auto o = options_for(1883);
  o.host = "192.0.2.1"; // nothing is to go there
  o.proxy = {"127.0.0.1", proxy.port()};
  o.connect_timeout = 1s;
  publisher p(o);
  const auto text = p.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "192.0.2.1:1883 (through the proxy 127.0.0.1:"));
  CAF_CHECK_EQUAL(proxy.asked_for().size(), 1u);
  broker.silence(false);
  CAF_CHECK(gets_through(p));
}

CAF_TEST(many connections through a proxy come and go) {
  rude_broker broker;
  http_tunnel proxy(broker.port());
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<publisher>> all;
    for (int i = 0; i < 5; ++i) {
      auto o = options_for(1883);
      o.host = "192.0.2.1";
      o.client_id += std::to_string(i);
      o.proxy = {"127.0.0.1", proxy.port()};
      all.push_back(std::make_unique<publisher>(o));
      all.back()->client->connect();
    }
    all.front().reset(); // whenever that is
    all.erase(all.begin());
    for (auto& p : all) CAF_CHECK(p->events.wait_for(*p->client, kind::connected));
    for (auto& p : all) CAF_CHECK(p->publish(1, {"t", "x", 1}) == publish_result::sent);
    for (auto& p : all) CAF_CHECK(p->outcome(1).what == kind::delivered);
  }
  // What was handed over and not taken waits, see `hand_to_paho`: one of each round at most.
  CAF_CHECK(broker.wait([](const auto& s) { return s.connections <= 3; }));
}

CAF_TEST(a proxy is a url) {
  const auto read = [](const char* url) { return runtime::parse_proxy(url).name(); };
  CAF_CHECK_EQUAL(read("http://proxy.example.com:3128"), "proxy.example.com:3128");
  CAF_CHECK_EQUAL(read("http://proxy.example.com/"), "proxy.example.com:8080");
  CAF_CHECK_EQUAL(read("http://[::1]:3128/"), "[::1]:3128");
  for (const auto* bad : {"", "proxy:3128", "https://proxy:3128", "http://proxy:x", "http://[::1"})
    CAF_CHECK(runtime::parse_proxy(bad).host.empty());
}
