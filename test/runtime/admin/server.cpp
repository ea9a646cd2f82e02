#define CAF_SUITE runtime.admin.server
#include "test/support/unit_test.hpp"

#include "runtime/admin/server.hpp"
#include "runtime/descriptors.hpp"

#include "bench/certificates.hpp"
#include "runtime/http/client.hpp"
#include "test/support/eventually.hpp"
#include "test/support/http_get.hpp"
#include "test/support/slowdown.hpp"
#include "test/support/temp_dir.hpp"

#include <atomic>
#include <fstream>
#include <future>
#include <list>
#include <sstream>
#include <thread>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using test::http_get;
using test::raw_connection;
using test::reply_of;

namespace {

std::string text_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

struct fixture {
  admin_server_options options;
  std::atomic<int> asked{0};
  std::unique_ptr<admin_server> aut;

  fixture() { raise_descriptor_limit(); }

  void start() {
    auto opened = admin_server::open(options, [this](const http_question& q) {
      ++asked;
      http_answer result;
      result.body =
          std::make_shared<const std::string>(std::string{q.method} + ' ' + std::string{q.target} + ' ' +
                                              std::string{q.host} + ' ' + std::string{q.authorization});
      result.headers = {{"ETag", "\"x\""}};
      if (q.target == "/304") result.status = 304;
      if (q.target == "/throw") throw std::bad_alloc{};
      return result;
    });
    CAF_REQUIRE_EQUAL(opened.error, "");
    aut = std::move(opened.value);
  }
  uint16_t port() const { return aut->port(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_tests, fixture)

CAF_TEST(a request is handed on and answered with the headers that browsers need) {
  start();
  const auto x = http_get(port(), "/a?b", "Authorization: Bearer t\r\n");
  CAF_CHECK_EQUAL(x.status, 200);
  CAF_CHECK_EQUAL(x.body, "GET /a?b 127.0.0.1 Bearer t");
  for (const auto* header :
       {"Content-Security-Policy: default-src 'none'; script-src 'self'", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer", "ETag: \"x\"", "Content-Length: 27"})
    CAF_CHECK(x.head.find(header) != x.head.npos);
}

CAF_TEST(connections are kept and answers have no body where there may be none) {
  start();
  const raw_connection c{port()};
  for (int i = 0; i < 3; ++i) {
    c.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    CAF_CHECK_EQUAL(reply_of(c.receive()).body, "GET /1 a ");
  }
  c.send("HEAD /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  auto x = reply_of(c.receive(2s));
  CAF_CHECK_EQUAL(x.status, 200);
  CAF_CHECK_EQUAL(x.body, "");
  CAF_CHECK(x.head.find("Content-Length: 10") != x.head.npos);
  x = http_get(port(), "/304");
  CAF_CHECK_EQUAL(x.status, 304);
  CAF_CHECK_EQUAL(x.body, "");
}

CAF_TEST(two requests at once are answered one after the other) {
  start();
  const raw_connection c{port()};
  c.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::string all = c.receive();
  all += c.receive();
  CAF_CHECK(all.find("GET /1") < all.find("GET /2"));
  CAF_CHECK(all.find("GET /2") != all.npos);
}

CAF_TEST(two hundred idle connections keep nobody waiting) {
  start();
  std::list<raw_connection> idle;
  for (int i = 0; i < 200; ++i) {
    idle.emplace_back(port());
    if (i % 2 == 0) idle.back().send("GET / HT"); // half of them have begun
  }
  for (int i = 0; i < 20; ++i) {
    const auto began = std::chrono::steady_clock::now();
    CAF_CHECK_EQUAL(http_get(port(), "/").status, 200);
    CAF_CHECK(std::chrono::steady_clock::now() - began < 100ms * test::slowdown);
  }
}

CAF_TEST(beyond the most connections the oldest gives way) {
  options.most_connections = 20;
  start();
  std::list<raw_connection> idle;
  for (int i = 0; i < 60; ++i) idle.emplace_back(port());
  CAF_CHECK_EQUAL(http_get(port(), "/").status, 200);
  int open = 0;
  for (const auto& x : idle) open += !x.ends(20ms);
  CAF_CHECK_LESS_OR_EQUAL(open, 20);
  CAF_CHECK(open > 10);
}

CAF_TEST(who is slow or says nothing is let go) {
  options.patience = 300ms;
  start();
  const raw_connection silent{port()}, slow{port()};
  std::atomic<bool> cut{false};
  std::thread writer{[&] { // a byte now and then is no progress
    cut = test::eventually([&] { return !slow.send("G"); }, 10s, 50ms);
  }};
  CAF_CHECK(silent.ends(5s));
  writer.join();
  CAF_CHECK(cut);
  CAF_CHECK_EQUAL(asked.load(), 0);
}

CAF_TEST(hostile requests are refused in words and cost nothing) {
  start();
  const auto status = [&](const std::string& bytes) {
    const raw_connection c{port()};
    c.send(bytes);
    return reply_of(c.receive(5s)).status;
  };
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\n";
  CAF_CHECK_EQUAL(status("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n"), 400);
  CAF_CHECK_EQUAL(status("GET / HTTP/9.9\r\n\r\n"), 400);
  CAF_CHECK_EQUAL(status("G\x01T / HTTP/1.1\r\n\r\n"), 400);
  CAF_CHECK_EQUAL(status(begin + "a" + std::string(100000, 'x') + ": y\r\n\r\n"), 431);
  CAF_CHECK_EQUAL(status("GET /" + std::string(100000, 'x') + " HTTP/1.1\r\n\r\n"), 431);
  std::string many = begin;
  for (int i = 0; i < 10000; ++i) many += "h" + std::to_string(i) + ": v\r\n";
  CAF_CHECK_EQUAL(status(many + "\r\n"), 431);
  CAF_CHECK_EQUAL(status(begin + "Content-Length: 5\r\n\r\nhello"), 413);
  CAF_CHECK_EQUAL(status(begin + "Content-Length: 99999999999\r\n\r\n"), 413);
  CAF_CHECK_EQUAL(status(begin + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), 413);
  CAF_CHECK_EQUAL(asked.load(), 0);
  std::string ranges = "Range: bytes=";
  for (int i = 0; i < 500; ++i) ranges += "0-,";
  CAF_CHECK_EQUAL(status(begin + "Connection: close\r\n" + ranges + "0-\r\n\r\n"), 200); // not looked at
  CAF_CHECK_EQUAL(status("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n"), 500);
  CAF_CHECK_EQUAL(http_get(port(), "/").status, 200);
}

CAF_TEST(a port that somebody else has is an error in words) {
  start();
  auto second = options;
  second.port = port();
  const auto opened = admin_server::open(second, [](const http_question&) { return http_answer{}; });
  CAF_CHECK(!opened.value);
  CAF_CHECK_EQUAL(opened.error, "Address already in use");
  second.host = "203.0.113.1"; // not ours
  CAF_CHECK(!admin_server::open(second, [](const http_question&) { return http_answer{}; }).error.empty());
}

CAF_TEST(its end is at once whoever is connected and the port is free again) {
  start();
  std::list<raw_connection> idle;
  for (int i = 0; i < 50; ++i) idle.emplace_back(port());
  options.port = port();
  const auto began = std::chrono::steady_clock::now();
  aut.reset();
  CAF_CHECK(std::chrono::steady_clock::now() - began < 1s * test::slowdown);
  for (const auto& x : idle) CAF_CHECK(x.ends(5s));
  start();
  CAF_CHECK_EQUAL(http_get(port(), "/").status, 200);
}

CAF_TEST(with a certificate it speaks TLS and who does not is let go) {
  const test::temp_dir dir;
  bench::make_certificates(dir.path());
  options.certificate = text_of(dir / "server.pem");
  options.key = text_of(dir / "server_key.pem");
  options.patience = 500ms;
  start();
  auto client = make_http_client({"", "", "", dir / "root.pem", true}, 10, make_resolver());
  std::promise<http_response> promise;
  http_request q;
  q.url = "https://127.0.0.1:" + std::to_string(port()) + "/tls";
  client->get(1, q, [&](http_response x) { promise.set_value(std::move(x)); });
  auto answer = promise.get_future();
  CAF_REQUIRE(answer.wait_for(10s) == std::future_status::ready);
  const auto x = answer.get();
  CAF_CHECK_EQUAL(x.detail, "");
  CAF_CHECK_EQUAL(x.status, 200);
  CAF_CHECK(x.body.find("GET /tls") == 0);
  const raw_connection plain{port()}, silent{port()};
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK(plain.ends(5s));
  CAF_CHECK(silent.ends(5s));
}

CAF_TEST(a key that does not belong to the certificate is an error in words) {
  const test::temp_dir dir;
  bench::make_certificates(dir.path());
  options.certificate = text_of(dir / "server.pem");
  options.key = text_of(dir / "client_key.pem");
  const auto opened = admin_server::open(options, [](const http_question&) { return http_answer{}; });
  CAF_CHECK(!opened.value && !opened.error.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
