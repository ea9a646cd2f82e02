#define CAF_SUITE runtime.mqtt.websocket
#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"
#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_tunnel.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/tcp_proxy.hpp"
#include "test/support/temp_dir.hpp"

using namespace senseflow;
using namespace senseflow::test;
using runtime::publish_result;
using kind = runtime::mqtt_event::kind;

namespace {

// The broker's first port speaks MQTT as it is, to see there what has arrived over the websocket.
struct websocket_broker {
  explicit websocket_broker(const std::vector<std::string>& tls)
      : port(free_port()), broker(options(port, tls)) {}

  static broker_options options(uint16_t port, const std::vector<std::string>& tls) {
    broker_options o;
    o.more = {"listener " + std::to_string(port) + " 127.0.0.1", "protocol websockets",
              "socket_domain ipv4"}; // else it wants IPv6
    o.more.insert(o.more.end(), tls.begin(), tls.end());
    return o;
  }

  const uint16_t port;
  mosquitto_broker broker;
};

void deliver_over_a_cut(const websocket_broker& broker, const std::string& ca) {
  subscriber seen(broker.broker.port());
  tcp_proxy proxy(broker.port);
  auto o = options_for(proxy.port());
  o.transport = runtime::mqtt_transport::websocket;
  o.tls = !ca.empty();
  o.tls_ca_file = ca;
  publisher p(o);
  CAF_REQUIRE(p.connect_again());
  const std::string large(100'000, 'x');
  CAF_CHECK(p.publish(1, {"t", large, 2}) == publish_result::sent);
  CAF_CHECK(p.outcome(1).what == kind::delivered);
  proxy.freeze(tcp_proxy::way::to_client);
  const auto before = proxy.bytes_to_server();
  CAF_CHECK(p.publish(2, {"t", large, 2}) == publish_result::sent);
  CAF_REQUIRE(eventually([&] { return proxy.bytes_to_server() >= before + large.size(); }));
  proxy.cut();
  proxy.thaw();
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_REQUIRE(p.connect_again());
  CAF_CHECK(p.outcome(2).what == kind::delivered);
  CAF_REQUIRE(seen.wait_for_count(2));
  for (const auto& m : seen.messages()) CAF_CHECK(m.payload == large);
}

} // namespace

CAF_TEST(messages go over a websocket and are completed over a cut one) {
  const websocket_broker broker({});
  deliver_over_a_cut(broker, "");
}

CAF_TEST(messages go over a websocket with tls) {
  const temp_dir pki;
  bench::make_certificates(pki.path().string(), {});
  const websocket_broker broker({"certfile " + (pki / "server.pem"), "keyfile " + (pki / "server_key.pem")});
  deliver_over_a_cut(broker, pki / "root.pem");
}

CAF_TEST(a port that speaks no websocket is named) {
  mosquitto_broker broker;
  auto o = options_for(broker.port());
  o.transport = runtime::mqtt_transport::websocket;
  publisher p(o);
  const auto text = p.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "127.0.0.1:" + std::to_string(broker.port())));
  CAF_CHECK(contains(text, "/mqtt"));
  CAF_CHECK_EQUAL(p.events.count(kind::try_again), 0u);
}

CAF_TEST(a refused websocket is told with the status and the path and no other version is tried) {
  http_tunnel web(0, 404);
  auto o = options_for(web.port());
  o.transport = runtime::mqtt_transport::websocket;
  o.path = "/elsewhere";
  publisher p(o);
  const auto text = p.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "HTTP status 404"));
  CAF_CHECK(contains(text, "/elsewhere"));
  CAF_CHECK_EQUAL(p.events.count(kind::try_again), 0u);
}
