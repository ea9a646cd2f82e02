#define CAF_SUITE system.probe_faults
#include "test/support/unit_test.hpp"

#include "test/support/etcd_server.hpp"
#include "test/support/free_port.hpp"
#include "test/support/https_server.hpp"
#include "test/support/tcp_proxy.hpp"
#include "test/system/private_names.hpp"
#include "test/system/probe_runs.hpp"
#include "test/system/system_fixture.hpp"

#include <array>
#include <ctime>

// Faults on purpose, one cause each: the probe has to name every one of them, and nothing else.

using namespace senseflow;
using namespace senseflow::test;

namespace {

std::string http_date(std::time_t x) {
  std::tm t{};
  std::array<char, 64> text{};
  gmtime_r(&x, &t);
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &t);
  return text.data();
}

/// Takes no more connections: who tries waits for an answer.
struct full_port {
  full_port() {
    fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&own), size) != 0 || ::listen(fd, 0) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0)
      throw std::runtime_error("no port to fill");
    port = ntohs(own.sin_port);
    for (auto& x : waiting) {
      x = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      (void)::connect(x, reinterpret_cast<sockaddr*>(&own), sizeof own); // the queue takes one or two
    }
  }
  ~full_port() {
    ::close(fd);
    for (auto x : waiting) ::close(x);
  }
  full_port(const full_port&) = delete;
  full_port& operator=(const full_port&) = delete;

  int fd = -1;
  uint16_t port = 0;
  std::array<int, 4> waiting{};
};

/// Codes of what was found about the broker at this port; about others with their subject.
std::set<std::string> about_broker(const probe_run& run, uint16_t port) {
  const auto subject = "MQTT broker 127.0.0.1:" + std::to_string(port) + ": ";
  std::set<std::string> result;
  for (const auto& x : run.troubles()) result.insert(x.rfind(subject, 0) == 0 ? x.substr(subject.size()) : x);
  return result;
}

std::string joined(const std::set<std::string>& xs) {
  std::string result;
  for (const auto& x : xs) result += (result.empty() ? "" : ", ") + x;
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(probe_fault_tests, probe_fixture)

CAF_TEST(faults of many servers are told apart and none holds up the others) {
  mosquitto_broker broker;
  bench::site_options o;
  o.certificates = pki;
  o.servers = 7;
  bench::site site{o};
  o.servers = 1;
  o.server_name = "server_expired";
  bench::site expired{o};
  const auto port = [&](size_t n) { return site.endpoints().at(n - 1).port; };
  site.handshake({2}, 600s);
  site.status({3}, 403);
  site.hang({4}, true);
  site.body({5}, bench::body_kind::html);
  site.status({6}, 503);
  tcp_proxy plain{port(1)};
  plain.set_gate([](const std::string&) { return std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"}; });
  https_server_options late_options;
  late_options.certificate_file = pki + "/server.pem";
  late_options.key_file = pki + "/server_key.pem";
  https_server late{late_options, [](const https_request&) {
                      return http_answer(200, R"({"version":"12.1","mem":{"committed":1.5}})",
                                         "Date: " + http_date(std::time(nullptr) + 3600) + "\r\n");
                    }};
  full_port silent;
  private_names names{directory};
  std::vector<server> all{{"well", at(port(1))},
                          {"refused", at(free_port())},
                          {"silent", at(silent.port)},
                          {"mute", at(port(2))},
                          {"plain", at(plain.port())},
                          {"expired", at(expired.endpoints().front().port)},
                          {"named", at(port(1)), "headers: {Host: other.example.com}"},
                          {"forbidden", at(port(3))},
                          {"hanging", at(port(4))},
                          {"html", at(port(5))},
                          {"broken", at(port(6))},
                          {"proxy", at(port(7)),
                           "userSessions: {enable: true, host: '" + at(port(7)) +
                               "', virtualProxies: [{virtualProxy: /nowhere}]}"},
                          {"late", at(late.port())}};
  std::set<std::string> expected{
      "Sense server refused: refused",      "Sense server silent: port_silent",
      "Sense server mute: tls_silent",      "Sense server plain: not_tls",
      "Sense server named: wrong_name",     "Sense server expired: certificate_expired",
      "Sense server forbidden: status_403", "Sense server hanging: no_answer",
      "Sense server html: not_json",        "Sense server broken: status_503",
      "Sense server proxy: status_404",     "Sense server late: clock"};
  if (names.dns) {
    names.dns->silent("mum.example.com");
    all.push_back({"unknown", "nowhere.example.com:4747"});
    all.push_back({"mum", "mum.example.com:4747"});
    expected.insert({"Sense server unknown: name_unknown", "Sense server mum: name_server_silent"});
  } else {
    CAF_MESSAGE("without a name server of our own: " << names.problem);
  }
  const auto run =
      run_probe(directory,
                file(broker.port(), "",
                     certificates() + "  userSessions: {enableSessionExtract: true}\n" + servers(all)),
                {}, names.in_namespace);
  CAF_CHECK_EQUAL(run.code, 1);
  check(run, expected);
  CAF_CHECK(run.took < 20s * slowdown); // one after the other they take 40
}

CAF_TEST(faults of certificates are told apart) {
  mosquitto_broker broker;
  bench::site_options o;
  o.certificates = pki;
  bench::site site{o};
  const auto with = [&](const std::string& cert) {
    return run_probe(directory,
                     file(broker.port(), "", cert + servers({{"s", at(site.endpoints().front().port)}})));
  };
  check(with(certificates("client", "wrong_root")), {"Sense server s: unknown_authority"});
  check(with(certificates("wrong_client")), {"Sense server s: client_certificate_refused"});
  check(with(certificates("client_expired")),
        {"Certificates for Sense: own_certificate_expired", "Sense server s: client_certificate_refused"});
  const auto mixed = with("  cert: {clientCert: " + pki + "/client.pem, clientCertKey: " + pki +
                          "/wrong_client_key.pem, clientCertCA: " + pki + "/root.pem}\n");
  CAF_CHECK_EQUAL(mixed.code, 1);
  check(mixed, {"Configuration: configuration"});
  CAF_CHECK(mixed.text_of("Configuration", "settings").find("does not belong to the certificate") !=
            std::string::npos);
}

CAF_TEST(faults of the broker are told apart) {
  const auto told = [&](uint16_t port, const std::string& mqtt, const std::set<std::string>& expected) {
    CAF_CHECK_EQUAL(joined(about_broker(run_probe(directory, file(port, mqtt)), port)), joined(expected));
  };
  told(free_port(), "", {"refused"});
  {
    broker_options o;
    o.allow_anonymous = false;
    o.username = "senseflow";
    o.password = "right";
    std::ofstream{directory / "acl"} << "user senseflow\ntopic write elsewhere/#\n";
    o.more = {"acl_file " + (directory / "acl")};
    mosquitto_broker broker{o};
    const std::string user = "username: senseflow, password: ";
    told(broker.port(), user + "wrong", {"not_authorized"});
    told(broker.port(), "", {"not_authorized"});
    told(broker.port(), user + "right", {"publish_denied"});
    std::ofstream{directory / "acl"} << "user senseflow\ntopic write base/#\n";
    broker.stop();
    broker.start();
    told(broker.port(), user + "right", {}); // reading is not needed
    const auto asked =
        run_probe(directory, file(broker.port(), user + "right", "  requests: {enable: true}\n"));
    CAF_CHECK_EQUAL(joined(about_broker(asked, broker.port())), "not_heard"); // but then it is
    told(broker.port(), user + "right, protocolVersion: 3.1.1", {"publish_unconfirmed"});
  }
  {
    broker_options o;
    o.tls_certificate_file = pki + "/server.pem";
    o.tls_key_file = pki + "/server_key.pem";
    o.tls_ca_file = pki + "/root.pem";
    o.require_certificate = true;
    o.more = {"retain_available false", "max_qos 0"};
    mosquitto_broker broker{o};
    const auto own = ", cert: " + pki + "/client.pem, key: " + pki + "/client_key.pem";
    const auto tls = "tls: {enable: true, ca: " + pki;
    told(broker.port(), tls + "/wrong_root.pem" + own + "}", {"unknown_authority"});
    told(broker.port(), tls + "/root.pem}", {"client_certificate_missing"});
    told(broker.port(), tls + "/root.pem" + own + "}", {"no_retained_messages", "qos_lowered"});
  }
  mosquitto_broker plain;
  told(plain.port(), "tls: {enable: true, ca: " + pki + "/root.pem}", {"tls_closed"});
  plain.freeze();
  told(plain.port(), "protocolVersion: 3.1.1", {"no_session"});
  plain.thaw();
}

CAF_TEST(in a cluster etcd is looked at too) {
  mosquitto_broker broker;
  etcd_server etcd;
  const auto cluster = [&](const std::string& more = "") {
    return file(broker.port(), "",
                "  cluster: {enable: true, leaseTtl: 10, etcd: {endpoints: ['" + etcd.endpoint() + "']" +
                    more + "}}\n");
  };
  const auto well = run_probe(directory, cluster(", timeout: 1500"));
  CAF_CHECK_EQUAL(well.code, 0);
  check(well, {});
  CAF_CHECK(well.text_of("Cluster", "write").find("allowed") != std::string::npos);
  CAF_CHECK(well.text_of("MQTT broker", "publish and read, cluster").find("written and read") !=
            std::string::npos);
  CAF_CHECK_EQUAL(etcd.ctl({"get", "--prefix", "/senseflow", "--keys-only"}), "");
  etcd.enable_authentication("secret");
  const auto denied = run_probe(directory, cluster(", timeout: 1500, username: root, password: wrong"));
  CAF_CHECK(denied.found("Cluster senseflow", "etcd_denied"));
  etcd.kill();
  const auto gone = run_probe(directory, cluster());
  CAF_CHECK(gone.found("etcd " + etcd.endpoint(), "refused"));
  CAF_CHECK(gone.found("Cluster senseflow", "etcd_unavailable"));
}

CAF_TEST_FIXTURE_SCOPE_END()
