#define CAF_SUITE runtime.etcd.hostile
#include "test/runtime/etcd/etcd_fixture.hpp"

#include "bench/certificates.hpp"
#include "test/support/https_server.hpp"
#include "test/support/temp_dir.hpp"

#include <atomic>
#include <cstdio>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  fixture() { bench::make_certificates(pki.path().string()); }

  https_server_options server_options() const { return {pki / "server.pem", pki / "server_key.pem"}; }
  runtime::etcd_options options_of(const https_server& s) const {
    runtime::etcd_options o;
    o.endpoints = {s.url("")};
    o.ca_file = pki / "root.pem";
    o.timeout = 5s * slowdown;
    return o;
  }
  static std::string closing(int status, const std::string& body) {
    return http_answer(status, body, "Connection: close\r\n");
  }
  /// A stream that stays open.
  static std::string chunked(const std::string& body) {
    char size[32];
    std::snprintf(size, sizeof(size), "%zx\r\n", body.size());
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (size + body) + "\r\n";
  }

  temp_dir pki;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(hostile, fixture)

CAF_TEST(whatever is answered every call has its answer) {
  const std::vector<std::string> answers{
      closing(200, ""),
      closing(200, "garbage"),
      closing(200, std::string(200000, '[')),
      closing(200, R"({"header":{"revision":"1"},"kvs":[{"key":"!"}]})"),
      closing(302, ""),
      closing(404, "<html>"),
      closing(500, std::string(100000, 'x')),
      closing(401, R"({"error":"etcdserver: invalid auth token","code":16})"),
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{\"a\"",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "no HTTP at all\r\n\r\n",
      std::string(300000, 'h')};
  std::atomic<size_t> which{0};
  https_server server(server_options(), [&](const https_request& r) {
    if (contains(r.target, "authenticate")) return closing(200, R"({"token":"t"})");
    return answers.at(which);
  });
  auto o = options_of(server);
  o.timeout = 500ms * slowdown;
  for (; which < answers.size(); ++which)
    for (const auto* user : {"", "root"}) {
      o.username = user;
      etcd_caller etcd(o);
      CAF_CHECK(etcd.range("/").error != etcd_error::none);
      CAF_CHECK(etcd.keep_alive(7).error != etcd_error::none);
      watch_log seen;
      const auto w = etcd.client->watch("/", 1, seen.take());
      CAF_REQUIRE(seen.wait_for_end());
      CAF_CHECK(seen.now().error != etcd_error::none && !seen.now().detail.empty());
    }
}

CAF_TEST(an endless answer and an endless line are cut off) {
  const auto huge = std::string((64u << 20) + 4096, 'x');
  https_server server(server_options(), [&](const https_request& r) {
    return contains(r.target, "watch") ? chunked("{\"result\":{\"created\":true}}\n" + huge)
                                       : closing(200, huge);
  });
  etcd_caller etcd(options_of(server));
  const auto x = etcd.range("/");
  CAF_CHECK(x.error == etcd_error::unusable);
  CAF_CHECK(contains(x.detail, "too large"));
  watch_log seen;
  const auto w = etcd.client->watch("/", 1, seen.take());
  CAF_REQUIRE(seen.wait_for_end(30s));
  CAF_CHECK(seen.now().error == etcd_error::unusable);
}

CAF_TEST(an etcd that refuses each token it has issued is not asked for one by every call) {
  std::atomic<int> logins{0};
  https_server server(server_options(), [&](const https_request& r) {
    if (!contains(r.target, "authenticate"))
      return closing(401, R"({"error":"etcdserver: invalid auth token","code":16})");
    ++logins;
    return closing(200, R"({"token":"t"})");
  });
  auto o = options_of(server);
  o.username = "root";
  etcd_caller etcd(o);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 30; ++i) CAF_CHECK(etcd.range("/").error == etcd_error::unavailable);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  CAF_CHECK(logins <= 2 + seconds.count());
}

CAF_TEST_FIXTURE_SCOPE_END()
