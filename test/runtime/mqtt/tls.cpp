#define CAF_SUITE runtime.mqtt.tls
#include "test/support/unit_test.hpp"

#include "runtime/mqtt/client.hpp"

#include "bench/certificates.hpp"
#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/temp_dir.hpp"
#include "test/support/tls_hello_server.hpp"

#include <cstdlib>

using namespace senseflow;
using namespace senseflow::test;
using kind = runtime::mqtt_event::kind;

namespace {

struct fixture {
  fixture() {
    bench::certificate_options o;
    o.passphrase = "open sesame";
    o.wrong_ca = o.expired_server = true;
    bench::make_certificates(pki.path().string(), o);
  }

  broker_options broker_with(const char* certificate = "server.pem",
                             const char* key = "server_key.pem") const {
    broker_options o;
    o.tls_certificate_file = pki / certificate;
    o.tls_key_file = pki / key;
    return o;
  }

  runtime::mqtt_options options_for(const mosquitto_broker& broker) const {
    runtime::mqtt_options o;
    o.host = "127.0.0.1";
    o.port = broker.port();
    o.client_id = "tls";
    o.tls = true;
    o.tls_ca_file = pki / "root.pem";
    return o;
  }

  // Empty if it connects and a message is delivered, else why it does not connect.
  static std::string outcome(const runtime::mqtt_options& o) {
    mqtt_events events;
    const auto client = runtime::make_mqtt_client(o);
    client->on_event(events.wake());
    if (!events.connect(*client)) {
      CAF_MESSAGE(events.text(kind::connect_failed));
      return events.text(kind::connect_failed);
    }
    client->publish(1, {"t", std::string(100'000, 'x'), 1}, {});
    CAF_CHECK(events.wait_for(*client, kind::delivered));
    return {};
  }

  // Paho may report a failed connection a second time, by then to a new one with the same file descriptor: an
  // attempt right after a failed one may fail for that alone, and is repeated as the publisher does.
  static bool connects(const runtime::mqtt_options& o) {
    return eventually([&] { return outcome(o).empty(); });
  }

  temp_dir pki;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(mqtt_tls_tests, fixture)

CAF_TEST(a trusted broker is connected to by address and by name) {
  mosquitto_broker broker(broker_with());
  auto o = options_for(broker);
  CAF_CHECK(connects(o));
  o.host = "localhost";
  CAF_CHECK(connects(o));
}

CAF_TEST(without a ca file the authorities of the system are used) {
  mosquitto_broker broker(broker_with());
  auto o = options_for(broker);
  o.tls_ca_file = "";
  CAF_CHECK(contains(outcome(o), "TLS with it failed"));
  ::setenv("SSL_CERT_FILE", (pki / "root.pem").c_str(), 1); // the system's, as OpenSSL sees it
  CAF_CHECK(connects(o));
  ::unsetenv("SSL_CERT_FILE");
}

CAF_TEST(a broker of another authority or out of date is not trusted unless told so) {
  mosquitto_broker broker(broker_with()),
      expired(broker_with("server_expired.pem", "server_expired_key.pem"));
  auto o = options_for(broker);
  o.tls_ca_file = pki / "wrong_root.pem";
  CAF_CHECK(contains(outcome(o), "TLS with it failed"));
  o.tls_verify = false;
  CAF_CHECK(connects(o));
  CAF_CHECK(contains(outcome(options_for(expired)), "TLS with it failed"));
}

CAF_TEST(a certificate for another name is not accepted unless told so) {
  mosquitto_broker broker(broker_with("client.pem", "client_key.pem"));
  auto o = options_for(broker);
  CAF_CHECK(outcome(o) != "");
  o.tls_verify = false;
  CAF_CHECK(connects(o));
}

CAF_TEST(a broker that asks for a certificate gets ours) {
  auto with = broker_with();
  with.tls_ca_file = pki / "root.pem";
  with.require_certificate = true;
  mosquitto_broker broker(with);
  auto o = options_for(broker);
  CAF_CHECK(outcome(o) != "");
  o.tls_certificate_file = pki / "client.pem";
  o.tls_key_file = pki / "client_key.pem";
  CAF_CHECK(connects(o));
  o.tls_key_file = pki / "client_key_encrypted.pem";
  o.tls_key_passphrase = "open sesame";
  CAF_CHECK(connects(o));
  for (const auto* wrong : {"guessed", ""}) {
    o.tls_key_passphrase = wrong;
    const auto text = outcome(o);
    CAF_CHECK(contains(text, "passphrase"));
    CAF_CHECK(!contains(text, "guessed"));
  }
  o.tls_certificate_file = pki / "wrong_client.pem";
  o.tls_key_file = pki / "wrong_client_key.pem";
  CAF_CHECK(outcome(o) != "");
}

CAF_TEST(missing files and a port that speaks no tls are named) {
  mosquitto_broker plain, broker(broker_with());
  CAF_CHECK(contains(outcome(options_for(plain)), "127.0.0.1:" + std::to_string(plain.port())));
  auto o = options_for(broker);
  o.tls = false;
  CAF_CHECK(contains(outcome(o), "it may expect TLS"));
  o = options_for(broker);
  o.tls_ca_file = pki / "missing.pem";
  CAF_CHECK(contains(outcome(o), "missing.pem"));
}

CAF_TEST(a broker is told its name and the protocols configured) {
  tls_hello_server server(pki / "server.pem", pki / "server_key.pem");
  runtime::mqtt_options o;
  o.port = server.port();
  o.client_id = "tls";
  o.tls = true;
  o.tls_ca_file = pki / "root.pem";
  const auto hello = [&](const char* host, std::vector<std::string> alpn) {
    o.host = host;
    o.tls_alpn = std::move(alpn);
    const auto before = server.hellos().size();
    CAF_CHECK(outcome(o) != ""); // it speaks no MQTT
    CAF_REQUIRE(eventually([&] { return server.hellos().size() > before; }));
    return server.hellos()[before];
  };
  using list = std::vector<std::string>;
  const auto with = hello("localhost", {"mqtt", "x-amzn-mqtt-ca"});
  CAF_CHECK_EQUAL(with.server_name, "localhost");
  CAF_CHECK(with.alpn == list({"mqtt", "x-amzn-mqtt-ca"}));
  CAF_CHECK(hello("127.0.0.1", {}).alpn.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
