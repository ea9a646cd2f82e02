#define CAF_SUITE bench.sense_site

#include "test/support/unit_test.hpp"

#include "test/bench/site_fixture.hpp"

#include <nlohmann/json.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>

using namespace senseflow::bench;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string health = "/engine/healthcheck";
const std::string key = "0123456789abcdef";
const std::vector<std::string> key_header{"x-qlik-xrfkey: " + key};

struct fixture : site_fixture {
  fixture() : site_fixture(all_kinds()) {}

  static certificate_options all_kinds() {
    certificate_options result;
    result.expired_client = result.expired_server = result.wrong_ca = true;
    return result;
  }

  https_client client(const std::string& certificate = "client") const {
    return https_client{directory.path(), certificate};
  }

  /// What a client with this certificate gets.
  https_answer answer_for(const std::string& certificate) const {
    return client(certificate).get(port(), health);
  }

  std::string construction_error(site_options options) {
    options.certificates = directory.path();
    try {
      site{options};
      return {};
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sense_site_tests, fixture)

CAF_TEST(a client of the site gets in and all others do not ) {
  start();
  CAF_CHECK_EQUAL(answer_for("client").status, 200);
  for (auto certificate : {"", "wrong_client", "client_expired"}) {
    const auto answer = answer_for(certificate);
    CAF_CHECK(answer.result != CURLE_OK);
    CAF_CHECK(answer.body.empty());
  }
  CAF_CHECK(eventually([](auto& x) { return x.counts.failed_handshakes == 3; }));
  CAF_CHECK_EQUAL(statistics().counts.health, 1u);
  CAF_CHECK_EQUAL(statistics().counts.connections, 1u);
}

CAF_TEST(an expired server certificate is refused by the client) {
  site_options options;
  options.server_name = "server_expired";
  start(options);
  CAF_CHECK_EQUAL(answer_for("client").result, CURLE_PEER_FAILED_VERIFICATION);
  auto careless = client();
  careless.set(CURLOPT_SSL_VERIFYPEER, 0L);
  CAF_CHECK_EQUAL(careless.get(port(), health).status, 200);
}

CAF_TEST(every API serves valid JSON over one kept connection) {
  start();
  auto c = client();
  const auto first = c.get(port(), health);
  CAF_CHECK_EQUAL(first.connections, 1);
  CAF_CHECK(json::parse(first.body).at("mem").is_object());
  for (std::string path : {"/qps/session?Xrfkey=", "/qps/hdr/session?Xrfkey="}) {
    const auto answer = c.get(port(), path + key, key_header);
    CAF_CHECK_EQUAL(answer.status, 200);
    CAF_CHECK_EQUAL(answer.connections, 0);
    CAF_CHECK(json::parse(answer.body).is_array());
  }
  const auto apps = c.get(port(), "/qrs/app?xrfkey=" + key,
                          {key_header[0], "X-Qlik-User: UserDirectory=Internal; UserId=sa_repository"});
  CAF_CHECK(json::parse(apps.body).at(0).at("id").is_string());
  CAF_CHECK_EQUAL(c.get(port(), "/qps/session?Xrfkey=" + key).status, 400);
  CAF_CHECK_EQUAL(c.get(port(), "/hub").status, 404);
  CAF_CHECK(eventually([](auto& x) { return x.counts.answered == 6; }));
  const auto counts = statistics().counts;
  CAF_CHECK(counts.health == 1 && counts.sessions == 3 && counts.apps == 1 && counts.other == 1);
  CAF_CHECK_EQUAL(counts.refused, 2u);
  CAF_CHECK_EQUAL(counts.connections, 1u);
}

CAF_TEST(gzip is used if the client accepts it) {
  start();
  auto c = client();
  CAF_CHECK_EQUAL(c.get(port(), health).content_encoding, "");
  c.set(CURLOPT_ACCEPT_ENCODING, "gzip");
  const auto answer = c.get(port(), health);
  CAF_CHECK_EQUAL(answer.content_encoding, "gzip");
  CAF_CHECK(json::parse(answer.body).is_object());
}

CAF_TEST(a client that wants no keep alive gets its answer and the connection ends) {
  start();
  auto c = client();
  CAF_CHECK_EQUAL(c.get(port(), health, {"Connection: close"}).status, 200);
  const auto second = c.get(port(), health);
  CAF_CHECK_EQUAL(second.status, 200);
  CAF_CHECK_EQUAL(second.connections, 1);
}

CAF_TEST(a hanging request is answered as soon as the server hangs no more) {
  auto& site = start(2);
  site.hang({1}, true);
  auto waiting = std::async(std::launch::async, [&] { return answer_for("client"); });
  CAF_REQUIRE(eventually([](auto& x) { return x.hanging == 1; }));
  CAF_CHECK(waiting.wait_for(0s) == std::future_status::timeout);
  CAF_CHECK_EQUAL(client().get(port(2), health).status, 200); // the others are not concerned
  site.hang({1}, false);
  const auto answer = waiting.get();
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(json::parse(answer.body).is_object());
  CAF_CHECK_EQUAL(statistics().hanging, 0u);
  CAF_CHECK_EQUAL(client().get(port(), health).status, 200);
}

CAF_TEST(a client that gives up on a hanging request is counted as abandoned) {
  auto& site = start();
  site.hang(site.all(), true);
  auto c = client();
  c.set(CURLOPT_TIMEOUT_MS, 1000L);
  CAF_CHECK_EQUAL(c.get(port(), health).result, CURLE_OPERATION_TIMEDOUT);
  CAF_CHECK(eventually(
      [](auto& x) { return x.hanging == 0 && x.counts.abandoned + x.counts.failed_handshakes == 1; }));
  site.hang(site.all(), false);
  CAF_CHECK_EQUAL(statistics().counts.answered, 0u);
}

CAF_TEST(hanging requests of many clients are counted at once and all answered) {
  auto& site = start();
  site.hang(site.all(), true);
  std::vector<std::future<https_answer>> waiting;
  for (int i = 0; i < 5; ++i)
    waiting.push_back(std::async(std::launch::async, [&] { return answer_for("client"); }));
  CAF_REQUIRE(eventually([](auto& x) { return x.hanging == 5; }));
  CAF_CHECK_EQUAL(statistics().most_health_at_once, 5u);
  site.hang(site.all(), false);
  for (auto& one : waiting) CAF_CHECK_EQUAL(one.get().status, 200);
  CAF_CHECK(eventually([](auto& x) { return x.counts.answered == 5; }));
}

CAF_TEST(a site with hanging requests can end) {
  auto& site = start();
  site.hang(site.all(), true);
  auto waiting =
      std::async(std::launch::async, [this, where = port()] { return client().get(where, health); });
  CAF_REQUIRE(eventually([](auto& x) { return x.hanging == 1; }));
  running.reset();
  CAF_CHECK(waiting.get().result != CURLE_OK);
}

CAF_TEST(latency delays the answer) {
  auto& site = start();
  site.latency(site.all(), 100ms);
  const auto begin = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(answer_for("client").status, 200);
  CAF_CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
}

CAF_TEST(closing gives no answer and a new client can try again) {
  auto& site = start();
  site.close(site.all(), true);
  CAF_CHECK(answer_for("client").result != CURLE_OK);
  CAF_CHECK_GREATER_OR_EQUAL(statistics().counts.closed, 1u);
  CAF_CHECK_EQUAL(statistics().counts.answered, 0u);
  site.close(site.all(), false);
  CAF_CHECK_EQUAL(answer_for("client").status, 200);
}

CAF_TEST(a failing status and special bodies come over the wire and go again) {
  auto& site = start();
  auto c = client();
  site.status(site.all(), 503);
  CAF_CHECK_EQUAL(c.get(port(), health).status, 503);
  site.status(site.all(), 200);
  site.body(site.all(), body_kind::garbage);
  CAF_CHECK(json::parse(c.get(port(), health).body, nullptr, false).is_discarded());
  site.body(site.all(), body_kind::huge);
  CAF_CHECK_GREATER(c.get(port(), health).body.size(), size_t{16} << 20);
  c.set(CURLOPT_ACCEPT_ENCODING, "gzip");
  CAF_CHECK_GREATER(c.get(port(), health).body.size(), size_t{16} << 20);
  site.body(site.all(), body_kind::normal);
  CAF_CHECK(json::parse(c.get(port(), health).body).is_object());
}

CAF_TEST(intervals between health requests are measured against the expected one) {
  site_options options;
  options.expected_interval = 1h;
  auto& site = start(options);
  auto c = client();
  for (int i = 0; i < 5; ++i) c.get(port(), health);
  const auto intervals = statistics().intervals;
  CAF_CHECK_EQUAL(intervals.count, 4u);
  CAF_CHECK_EQUAL(intervals.deviations.count(), 4u);
  CAF_CHECK(intervals.shortest <= intervals.longest && intervals.longest < 1min);
  CAF_CHECK(intervals.deviations.max() == 1h - intervals.shortest);
  site.reset_statistics();
  CAF_CHECK_EQUAL(statistics().intervals.count, 0u);
  CAF_CHECK_EQUAL(statistics().counts.health, 0u);
}

CAF_TEST(the witness is told who polled which server when) {
  std::mutex mutex;
  std::vector<witnessed_poll> seen;
  site_options options;
  options.servers = 2;
  options.start.latency = 50ms;
  options.witness = [&](const witnessed_poll& x) {
    std::lock_guard lock{mutex};
    seen.push_back(x);
  };
  start(options);
  const auto before = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(client().get(port(2), health, {"X-Witness: n1"}).status, 200);
  CAF_CHECK_EQUAL(client().get(port(1), "/qps/session?xrfkey=" + key, key_header).status, 200);
  CAF_CHECK_EQUAL(client().get(port(1), health).status, 200);
  const auto after = std::chrono::steady_clock::now();
  running->hang(running->all(), true);
  auto impatient = client();
  impatient.set(CURLOPT_TIMEOUT_MS, 50L);
  CAF_CHECK_EQUAL(impatient.get(port(1), health, {"X-Witness: n2"}).result, CURLE_OPERATION_TIMEDOUT);
  CAF_REQUIRE(eventually([](const auto& x) { return x.counts.abandoned == 1; }));

  std::lock_guard lock{mutex};
  CAF_REQUIRE_EQUAL(seen.size(), 3u);
  CAF_CHECK_EQUAL(seen[0].server + " " + seen[0].witness, "sense2 n1");
  CAF_CHECK_EQUAL(seen[1].server + " " + seen[1].witness, "sense1 ");
  CAF_CHECK_EQUAL(seen[2].server + " " + seen[2].witness, "sense1 n2");
  CAF_CHECK(before < seen[0].begin && seen[0].begin + 50ms <= seen[0].end);
  // An end is noted when the answer has left: the next request may be there before.
  CAF_CHECK(seen[0].begin < seen[1].begin && seen[1].begin < after);
}

CAF_TEST(bytes that are no TLS and TLS that is no HTTP leave the site serving) {
  start();
  for (std::string bytes : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", ""}) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port());
    CAF_CHECK_EQUAL(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    CAF_CHECK_EQUAL(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    ::close(fd);
  }
  CAF_CHECK(eventually([](auto& x) { return x.counts.failed_handshakes == 3; }));
  auto c = client();
  c.set(CURLOPT_CUSTOMREQUEST, "G T");
  CAF_CHECK(c.get(port(), health).status != 200);
  CAF_CHECK_EQUAL(answer_for("client").status, 200);
}

CAF_TEST(every server has a name and a port of its own) {
  auto& site = start(20);
  CAF_REQUIRE_EQUAL(site.endpoints().size(), 20u);
  CAF_CHECK_EQUAL(site.endpoints()[19].name, "sense20");
  CAF_CHECK_EQUAL(client().get(port(20), health).status, 200);
  CAF_CHECK_EQUAL(statistics(20).counts.health, 1u);
  CAF_CHECK_EQUAL(statistics(1).counts.health, 0u);
  const auto description = json::parse(describe(site, "DIR"));
  CAF_CHECK_EQUAL(description.at("servers").at(19).at("port").get<uint16_t>(), port(20));
  CAF_CHECK_EQUAL(description.at("certs").get<std::string>(), "DIR");
}

CAF_TEST(a change of an unknown server changes none) {
  auto& site = start(2);
  for (size_t unknown : {0u, 3u}) {
    bool thrown = false;
    try {
      site.status({1, unknown}, 500);
    } catch (const std::out_of_range&) {
      thrown = true;
    }
    CAF_CHECK(thrown);
  }
  CAF_CHECK_EQUAL(answer_for("client").status, 200);
}

CAF_TEST(a site that cannot start says why) {
  start();
  site_options options;
  options.base_port = port();
  CAF_CHECK(construction_error(options).find(std::to_string(port())) != std::string::npos);
  options = {};
  options.servers = 0;
  CAF_CHECK(!construction_error(options).empty());
  options.servers = 1000;
  options.base_port = 65000;
  CAF_CHECK(construction_error(options).find("base port") != std::string::npos);
  options = {};
  options.server_name = "missing";
  CAF_CHECK(construction_error(options).find("missing.pem") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
