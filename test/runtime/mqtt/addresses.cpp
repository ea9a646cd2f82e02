#define CAF_SUITE runtime.mqtt.addresses
#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"
#include "runtime/mqtt/connect_race.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/name_server.hpp"
#include "test/support/rude_broker.hpp"
#include "test/support/temp_dir.hpp"

#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using runtime::ip_address;
using runtime::publish_result;
using clock_type = std::chrono::steady_clock;
using kind = runtime::mqtt_event::kind;
using strings = std::vector<std::string>;

namespace {

std::vector<ip_address> parsed(const strings& texts) {
  std::vector<ip_address> result;
  for (const auto& x : texts) result.push_back(runtime::parse_address(x).value());
  return result;
}

strings texts(const std::vector<ip_address>& addresses) {
  strings result;
  for (const auto& x : addresses) result.push_back(to_string(x));
  return result;
}

/// Swallows all attempts to connect: its queue of connections that nobody accepts is full.
class black_hole {
public:
  black_hole(const std::string& address, uint16_t port) {
    const auto at = runtime::to_socket_address(runtime::parse_address(address).value(), port);
    for (auto& fd : fds_) fd = runtime::descriptor(::socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (::bind(fds_[0].get(), at.get(), at.size) != 0 || ::listen(fds_[0].get(), 0) != 0)
      throw std::runtime_error("no black hole at " + address);
    for (size_t i = 1; i < std::size(fds_); ++i) ::connect(fds_[i].get(), at.get(), at.size);
  }

private:
  runtime::descriptor fds_[4];
};

/// Tells the same addresses for all names.
struct one_answer final : runtime::resolver {
  explicit one_answer(const strings& addresses) { answer.addresses = parsed(addresses); }

  uint64_t resolve(const std::string&, std::chrono::milliseconds, completion done) override {
    done(answer);
    return 0;
  }
  void cancel(uint64_t) override {}
  runtime::lookup_result known(const std::string&) const override { return answer; }

  runtime::lookup_result answer;
};

struct fixture {
  name_server dns;
  std::shared_ptr<runtime::resolver> names;
  runtime::mqtt_options o;
  temp_dir pki;

  fixture() {
    runtime::resolver_options r;
    r.name_servers = dns.place();
    names = runtime::make_resolver(r);
    o.host = "broker.test";
    o.client_id = "addresses";
  }

  runtime::race_result race(const strings& addresses, uint16_t port, std::chrono::milliseconds within) {
    const runtime::descriptor never(::eventfd(0, EFD_CLOEXEC));
    return runtime::race(parsed(addresses), port, clock_type::now() + within, never.get());
  }

  /// Publishes one message over the first connection that can be had without waiting in between.
  bool gets_through(publisher& p) {
    return p.connect() && p.publish(1, {"t", "x", 1}) == publish_result::sent &&
           p.outcome(1).what == kind::delivered;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(address_tests, fixture)

CAF_TEST(families take turns) {
  CAF_CHECK_EQUAL(texts(runtime::interleaved(parsed({"::1", "::2", "::3", "1.1.1.1", "2.2.2.2"}))),
                  (strings{"::1", "1.1.1.1", "::2", "2.2.2.2", "::3"}));
  CAF_CHECK_EQUAL(texts(runtime::interleaved(parsed({"1.1.1.1", "2.2.2.2"}))),
                  (strings{"1.1.1.1", "2.2.2.2"}));
}

CAF_TEST(the first address that takes a connection wins and silent ones cost a quarter of a second each) {
  rude_broker good("::1");
  black_hole one("127.0.0.2", good.port()), two("127.0.0.3", good.port());
  const auto began = clock_type::now();
  const auto r = race({"127.0.0.2", "127.0.0.3", "127.0.0.4", "::1"}, good.port(), 10s);
  CAF_REQUIRE(r.winner);
  CAF_CHECK_EQUAL(to_string(*r.winner), "::1");
  const auto took = clock_type::now() - began;
  CAF_CHECK(took >= 500ms);
  CAF_CHECK(took < 2s);
}

CAF_TEST(what keeps each address from taking connections is told) {
  rude_broker somewhere;
  black_hole silent("127.0.0.2", somewhere.port());
  const auto r = race({"127.0.0.2", "127.0.0.3"}, somewhere.port(), 600ms);
  CAF_CHECK(!r.winner);
  CAF_CHECK_EQUAL(described(r.losers), "127.0.0.3 refuses connections, 127.0.0.2 does not answer");
}

CAF_TEST(a race is stopped at once) {
  rude_broker somewhere;
  black_hole silent("127.0.0.2", somewhere.port());
  const runtime::descriptor now(::eventfd(1, EFD_CLOEXEC));
  const auto began = clock_type::now();
  runtime::race(parsed({"127.0.0.2"}), somewhere.port(), began + 10s, now.get());
  CAF_CHECK(clock_type::now() - began < 1s);
}

CAF_TEST(a broker is found at whichever of its addresses it is) {
  for (const auto* where : {"127.0.0.4", "::1"}) {
    rude_broker broker(where);
    o.port = broker.port();
    black_hole silent("127.0.0.2", o.port);
    dns.tell("broker.test", {"127.0.0.2", "127.0.0.3", "127.0.0.4", "::1"});
    publisher p(o, names);
    CAF_CHECK(gets_through(p));
    CAF_CHECK_EQUAL(p.events.count(kind::try_again), 0u);
    CAF_CHECK(contains(p.events.text(kind::connected), where));
  }
}

CAF_TEST(an address that takes connections but is no broker is passed over) {
  rude_broker good("127.0.0.3"), bad("127.0.0.2", good.port());
  bad.on_accept(rude_broker::ending::fin);
  o.port = good.port();
  dns.tell("broker.test", {"127.0.0.2", "127.0.0.3"});
  publisher p(o, names);
  CAF_CHECK(gets_through(p));
  CAF_CHECK(contains(p.events.text(kind::connected), "127.0.0.3"));
  CAF_CHECK(!p.events.connack().broker.empty());
}

CAF_TEST(a broker at none of its addresses is told with all of them) {
  dns.tell("broker.test", {"127.0.0.2", "::1"});
  o.port = rude_broker("127.0.0.2").port(); // gone again
  publisher p(o, names);
  const auto text = p.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "127.0.0.2 refuses connections"));
  CAF_CHECK(contains(text, "::1 refuses connections"));
  CAF_CHECK(contains(text, "broker.test:" + std::to_string(o.port)));
}

CAF_TEST(tls goes to the address that works and the certificate has to be for the name) {
  bench::make_certificates(pki.path().string());
  const auto tls = [&](uint16_t port) {
    broker_options b;
    b.more = {"listener " + std::to_string(port) + " ::1", "certfile " + (pki / "server.pem"),
              "keyfile " + (pki / "server_key.pem")};
    return b;
  };
  o.port = rude_broker("::1").port(); // free again
  mosquitto_broker broker(tls(o.port));
  o.tls = true;
  o.tls_ca_file = pki / "root.pem";
  o.host = "localhost";
  names = std::make_shared<one_answer>(strings{"127.0.0.1", "::1"});
  publisher p(o, names);
  CAF_CHECK(gets_through(p));
  o.host = "broker.test";
  publisher stranger(o, names);
  const auto text = stranger.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "TLS with it failed"));
  o.tls_verify = false;
  publisher trusting(o, names);
  CAF_CHECK(gets_through(trusting));
}

CAF_TEST(a name that is not there and name servers that are silent are told apart) {
  publisher p(o, names);
  CAF_CHECK(contains(p.failure(), "the address of broker.test was not found"));
  dns.silent("");
  o.connect_timeout = 300ms;
  o.host = "another.test";
  publisher q(o, names);
  const auto text = q.failure();
  CAF_MESSAGE(text);
  CAF_CHECK(contains(text, "no name server tells the address of another.test"));
}

CAF_TEST(nobody waits for a silent name server) {
  dns.silent("");
  o.presence.topic = "status";
  const auto began = clock_type::now();
  {
    publisher p(o, names);
    p.client->connect();
    CAF_CHECK(p.publish(1, {"t", "x", 1}) == publish_result::not_connected);
    p.client->disconnect(5s);
    p.client->connect();
  }
  CAF_CHECK(clock_type::now() - began < 1s);
}

CAF_TEST(the address that was known stays in use while name servers are silent) {
  rude_broker broker;
  o.port = broker.port();
  o.connect_timeout = 1s;
  dns.tell("broker.test", {"127.0.0.1"});
  publisher p(o, names);
  CAF_REQUIRE(p.connect());
  dns.silent("");
  broker.end(rude_broker::ending::rst);
  CAF_REQUIRE(p.events.wait_for(*p.client, kind::connection_lost));
  CAF_CHECK(p.connect_again());
}

CAF_TEST(only the calls of paho are answered with what we know) {
  rude_broker broker("127.0.0.2");
  o.port = broker.port();
  dns.tell("broker.test", {"127.0.0.2"});
  publisher p(o, names);
  CAF_REQUIRE(p.connect());
  addrinfo* found = nullptr;
  CAF_CHECK(::getaddrinfo("broker.test", nullptr, nullptr, &found) != 0);
  CAF_REQUIRE_EQUAL(::getaddrinfo("127.0.0.9", "1883", nullptr, &found), 0);
  ::freeaddrinfo(found);
}

CAF_TEST_FIXTURE_SCOPE_END()
