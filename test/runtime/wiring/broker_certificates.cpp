#define CAF_SUITE runtime.wiring.broker_certificates
#include "test/support/unit_test.hpp"

#include "runtime/wiring/broker_certificates.hpp"

#include "bench/certificates.hpp"
#include "test/support/eventually.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/free_port.hpp"
#include "test/support/temp_dir.hpp"
#include "test/support/tls_hello_server.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  temp_dir dir;
  actors::context_ptr env = std::make_shared<actors::context>();
  std::shared_ptr<fake_resolver> names = std::make_shared<fake_resolver>();
  config::settings s;
  std::chrono::steady_clock::time_point now{1000h};
  runtime::broker_certificates aut{env};

  fixture() {
    bench::certificate_options o;
    o.server_days = 5;
    bench::make_certificates(dir.path(), o);
    s.insights.certificates.enable = true;
    s.mqtt.tls.enable = true;
    s.mqtt.tls.ca_file = dir / "root.pem";
    s.mqtt.broker_host = "127.0.0.1";
  }
  std::string connected(uint16_t port, caf::timestamp since) {
    const auto address = "127.0.0.1:" + std::to_string(port);
    env->notices.brokers.update(0, [&](auto& x) {
      x.connected = true;
      x.address = address;
      x.since = since;
    });
    return "broker " + address;
  }
  /// What was seen after a look.
  bool looks(tls_hello_server& broker, size_t n) {
    aut.look(now);
    return eventually([&] { return broker.hellos().size() >= n; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(broker_certificates_tests, fixture)

CAF_TEST(a broker is looked at when it is connected once a day and not too often) {
  tls_hello_server broker{dir / "server.pem", dir / "server_key.pem"};
  s.mqtt.broker_port = broker.port();
  aut.follow(s, names);
  aut.look(now); // nobody is connected
  const auto of = connected(broker.port(), caf::timestamp{1s});
  CAF_REQUIRE(looks(broker, 1));
  CAF_REQUIRE(eventually([&] { return env->notices.certificates.all().count(of) == 1; }));
  const auto seen = env->notices.certificates.all()[of];
  CAF_CHECK_EQUAL(seen.subject, "CN = localhost");
  const auto left = (seen.not_after - caf::make_timestamp()) / 1h;
  CAF_CHECK(left >= 119 && left <= 120);

  CAF_MESSAGE("other connections follow soon, and do not count");
  connected(broker.port(), caf::timestamp{2s});
  now += 9min;
  aut.look(now);
  now += 1min;
  CAF_REQUIRE(looks(broker, 2));
  CAF_CHECK(eventually([&] { // once it is done
    aut.look(now += 24h);
    return broker.hellos().size() >= 3;
  }));

  CAF_MESSAGE("the same settings change nothing, others make it forgotten");
  aut.follow(s, names);
  CAF_CHECK_EQUAL(env->notices.certificates.all().size(), 1u);
  s.insights.certificates.enable = false;
  aut.follow(s, names);
  CAF_CHECK(env->notices.certificates.all().empty());
  aut.look(now += 48h);
  CAF_CHECK(env->notices.certificates.all().empty());
}

CAF_TEST(a broker that does not answer is tried again after growing times) {
  s.mqtt.broker_port = free_port();
  aut.follow(s, names);
  const auto of = connected(s.mqtt.broker_port, caf::timestamp{1s});
  aut.look(now); // nobody listens
  now += 59s;
  aut.look(now);
  CAF_CHECK(env->notices.certificates.all().empty());
  tls_hello_server broker{dir / "server.pem", dir / "server_key.pem"};
  env->notices.brokers.update(0, [&](auto& x) { x.address = "127.0.0.1:" + std::to_string(broker.port()); });
  CAF_CHECK(eventually([&] { // another place: at once, when the thread is free
    aut.look(now);
    return broker.hellos().size() == 1;
  }));
  CAF_CHECK_EQUAL(env->notices.certificates.all().count(of), 0u);
}

CAF_TEST(without TLS and through a proxy nobody is looked at) {
  tls_hello_server broker{dir / "server.pem", dir / "server_key.pem"};
  s.mqtt.broker_port = broker.port();
  connected(broker.port(), caf::timestamp{1s});
  s.mqtt.tls.enable = false;
  aut.follow(s, names);
  aut.look(now);
  s.mqtt.tls.enable = true;
  s.mqtt.proxy = "http://127.0.0.1:3128";
  aut.follow(s, names);
  aut.look(now += 48h);
  s.mqtt.proxy.clear();
  aut.follow(s, names);
  CAF_REQUIRE(looks(broker, 1));
  CAF_CHECK_EQUAL(broker.hellos().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
