#define CAF_SUITE runtime.http.client
#include "test/runtime/http/https_fixture.hpp"

#include "test/support/free_port.hpp"

#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <vector>

using namespace senseflow;
using namespace senseflow::test;

namespace {

std::string gzip(const std::string& text) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = uInt(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = uInt(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

/// Of this process.
auto threads() { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); }

} // namespace

CAF_TEST(status 200 gives the body and the default headers are sent) {
  https_request seen;
  https_server server(server_options(true), [&](const https_request& r) {
    seen = r;
    return http_answer(200, R"({"saturated":false})");
  });
  const auto r = fetch(get(server.url("/engine/healthcheck?Xrfkey=1")));
  CAF_CHECK(r.error == http_error::none);
  CAF_CHECK_EQUAL(r.id, 7u);
  CAF_CHECK_EQUAL(r.status, 200);
  CAF_CHECK_EQUAL(r.body, R"({"saturated":false})");
  CAF_CHECK(r.duration_us > 0);
  CAF_CHECK_EQUAL(seen.method + " " + seen.target, "GET /engine/healthcheck?Xrfkey=1");
  CAF_CHECK_EQUAL(seen.headers["cache-control"], "no-cache");
  CAF_CHECK_EQUAL(seen.headers["content-type"], "application/json");
  CAF_CHECK_EQUAL(seen.headers["accept"], "application/json");
  CAF_CHECK_EQUAL(seen.headers["accept-encoding"], "gzip, deflate");
}

CAF_TEST(the time by the clock of the server is told where it can be read) {
  std::string header;
  https_server server(server_options(), [&](const https_request&) { return http_answer(200, "", header); });
  CAF_CHECK_EQUAL(fetch(get(server.url("/"))).server_time, 0);
  header = "Date: Thu, 26 Nov 2026 14:00:01 GMT\r\n";
  CAF_CHECK_EQUAL(fetch(get(server.url("/"))).server_time, 1795701601);
  for (const auto* absurd : {"Fri, 31 Dec 9999 23:59:59 GMT", "Wed, 01 Jan 2200 00:00:00 GMT"}) {
    header = "Date: " + std::string{absurd} + "\r\n";
    CAF_CHECK_EQUAL(fetch(get(server.url("/"))).server_time, 0);
  }
  header = "Date: Tue, 31 Dec 2199 23:59:59 GMT\r\n";
  CAF_CHECK_EQUAL(fetch(get(server.url("/"))).server_time, 7'258'118'399);
  header = "Date: soon\r\n";
  CAF_CHECK_EQUAL(fetch(get(server.url("/"))).server_time, 0);
}

CAF_TEST(the certificate of the server is told with the answer for which a connection was set up) {
  https_server server(server_options(), [](const https_request&) { return http_answer(200, ""); });
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  answers a;
  const auto before = caf::make_timestamp();
  for (size_t i = 1; i <= 2; ++i) {
    client->get(7, get(server.url("/")), a.take());
    CAF_REQUIRE(a.wait_for(i));
  }
  const auto in_days = [&](const runtime::peer_certificate& x) {
    return (caf::timestamp{std::chrono::seconds(x.not_after)} - before) / std::chrono::hours(24);
  };
  CAF_CHECK_EQUAL(a.all[0].certificate.subject, "CN = localhost");
  CAF_CHECK(!a.all[0].certificate.issuer.empty());
  CAF_CHECK(in_days(a.all[0].certificate) >= 3648 && in_days(a.all[0].certificate) <= 3650);
  CAF_CHECK(a.all[0].answered >= before && a.all[0].answered <= caf::make_timestamp());
  CAF_CHECK_EQUAL(a.all[1].certificate.not_after, 0); // over the same connection
  CAF_MESSAGE("also one that is not checked");
  auto careless = client_tls();
  careless.verify = false;
  https_server expired({pki() / "server_expired.pem", pki() / "server_expired_key.pem", ""},
                       [](const https_request&) { return http_answer(200, ""); });
  CAF_CHECK(in_days(fetch(get(expired.url("/")), careless).certificate) < 0);
}

CAF_TEST(headers can be added replaced removed and empty) {
  https_request seen;
  https_server server(server_options(), [&](const https_request& r) {
    seen = r;
    return http_answer(200, "");
  });
  auto request = get(server.url("/"));
  request.headers = {{"X-Qlik-User", "UserDirectory=Internal; UserId=sa_repository"},
                     {"cache-control", "max-age=1"},
                     {"Content-Type", "", true},
                     {"User-Agent", "", true},
                     {"X-Empty", ""}};
  CAF_CHECK(fetch(request).error == http_error::none);
  CAF_CHECK_EQUAL(seen.headers["x-qlik-user"], "UserDirectory=Internal; UserId=sa_repository");
  CAF_CHECK_EQUAL(seen.headers["cache-control"], "max-age=1");
  CAF_CHECK_EQUAL(seen.headers.count("content-type"), 0u);
  CAF_CHECK_EQUAL(seen.headers.count("user-agent"), 0u);
  CAF_CHECK_EQUAL(seen.headers.count("x-empty"), 1u);
  request.headers = {{"X", "a\r\nY: b"}};
  CAF_CHECK(fetch(request).error == http_error::other);
}

CAF_TEST(a host header is the name that tls asks for and checks) {
  https_request seen;
  https_server server(server_options(), [&](const https_request& r) {
    seen = r;
    return http_answer(200, "");
  });
  auto request = get(server.url("/x?y=1"));
  request.headers = {{"Host", "localhost:9999"}};
  CAF_CHECK(fetch(request).error == http_error::none);
  CAF_CHECK_EQUAL(seen.server_name, "localhost");
  CAF_CHECK_EQUAL(seen.headers["host"], "localhost:9999");
  CAF_CHECK_EQUAL(seen.target, "/x?y=1");
  request.headers = {{"host", "sense.example.com"}};
  CAF_CHECK(fetch(request).error == http_error::certificate);
  auto tls = client_tls();
  tls.verify = false;
  CAF_CHECK(fetch(request, tls).error == http_error::none);
  CAF_CHECK_EQUAL(seen.server_name, "sense.example.com");
  CAF_CHECK_EQUAL(seen.headers["host"], "sense.example.com");
}

CAF_TEST(connections are kept alive and gzip is undone) {
  const std::string text(100'000, 'a');
  https_server server(server_options(), [&](const auto&) {
    return http_answer(200, gzip(text), "Content-Encoding: gzip\r\n");
  });
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  answers a;
  for (size_t i = 1; i <= 5; ++i) {
    client->get(i, get(server.url("/")), a.take());
    CAF_REQUIRE(a.wait_for(i));
    CAF_CHECK(a.all.back().body == text);
  }
  CAF_CHECK_EQUAL(server.connections(), 1u);
}

CAF_TEST(a body beyond the limit is not read even if it is small when compressed) {
  const auto bomb = gzip(std::string(50u << 20, '\0'));
  https_server server(server_options(), [&](const https_request& r) {
    return r.target == "/bomb" ? http_answer(200, bomb, "Content-Encoding: gzip\r\n")
                               : http_answer(200, "12345");
  });
  auto request = get(server.url("/bomb"));
  request.max_body_bytes = 1u << 20;
  CAF_CHECK(fetch(request).error == http_error::too_large);
  request.url = server.url("/");
  request.max_body_bytes = 5;
  CAF_CHECK_EQUAL(fetch(request).body, "12345");
  request.max_body_bytes = 4;
  CAF_CHECK(fetch(request).error == http_error::too_large);
}

CAF_TEST(other statuses are errors and redirects are followed up to the limit) {
  https_server server(server_options(), [&](const https_request& r) {
    const auto left = std::atoi(r.target.c_str() + 1);
    if (r.target == "/plain") return http_answer(302, "", "Location: http://127.0.0.1/\r\n");
    if (r.target.rfind("/403", 0) == 0) return http_answer(403, "no");
    return left == 0 ? http_answer(200, "end")
                     : http_answer(302, "", "Location: /" + std::to_string(left - 1) + "\r\n");
  });
  const auto forbidden = fetch(get(server.url("/403?Xrfkey=secret")));
  CAF_CHECK(forbidden.error == http_error::status);
  CAF_CHECK_EQUAL(forbidden.status, 403);
  CAF_CHECK(!contains(forbidden.detail, "secret"));
  CAF_CHECK_EQUAL(fetch(get(server.url("/5"))).body, "end");
  CAF_CHECK(fetch(get(server.url("/6"))).error == http_error::redirects);
  CAF_CHECK(fetch(get(server.url("/plain"))).error == http_error::redirects);
}

CAF_TEST(unreachable servers and bad addresses are told apart) {
  CAF_CHECK(fetch(get("https://127.0.0.1:" + std::to_string(free_port()) + "/")).error ==
            http_error::refused);
  CAF_CHECK(fetch(get("https://no-such-host.invalid/")).error == http_error::dns);
  CAF_CHECK(fetch(get("http://127.0.0.1/")).error == http_error::other);
  CAF_CHECK(fetch(get("")).error == http_error::other);
  CAF_CHECK(fetch(get("file:///etc/passwd")).error == http_error::other);
}

CAF_TEST(answers that are no http are errors) {
  https_server server(server_options(), [](const https_request& r) {
    if (r.target == "/noise") return std::string("\x01\x02\x03 nonsense\r\n\r\n");
    return http_answer(200, "this is not gzip", "Content-Encoding: gzip\r\n");
  });
  CAF_CHECK(fetch(get(server.url("/noise"))).error == http_error::other);
  CAF_CHECK(fetch(get(server.url("/gzip"))).error == http_error::other);
}

CAF_TEST(many requests at a time are each answered once and destruction drops what is under way) {
  std::atomic<bool> hang{false};
  https_server server(server_options(), [&](const https_request& r) {
    return hang ? std::string() : http_answer(200, r.target.substr(1));
  });
  auto client = runtime::make_http_client(client_tls(), 16, names());
  answers a;
  constexpr size_t n = 500;
  for (size_t i = 1; i <= n; ++i) client->get(i, get(server.url("/" + std::to_string(i))), a.take());
  CAF_REQUIRE(a.wait_for(n));
  std::vector<int> seen(n + 1);
  for (const auto& r : a.all) {
    ++seen[r.id];
    if (r.body != std::to_string(r.id)) CAF_FAIL("wrong answer for " << r.id << ": " << r.detail);
  }
  CAF_CHECK_EQUAL(std::count(seen.begin() + 1, seen.end(), 1), ptrdiff_t(n));
  hang = true;
  for (size_t i = 1; i <= 20; ++i) client->get(i, get(server.url("/")), a.take());
  client.reset();
  CAF_CHECK_EQUAL(a.all.size(), n);
}

CAF_TEST(the client may be released by a completion and its thread ends) {
  const auto resolver = names(); // has a thread, too
  const auto before = threads();
  {
    https_server server(server_options(), [](const auto&) { return http_answer(200, "ok"); });
    auto client = runtime::make_http_client(client_tls(), 4, resolver);
    answers a;
    std::mutex handed_over;
    std::unique_lock lock(handed_over);
    auto* plain = client.get();
    plain->get(1, get(server.url("/")), [&, done = a.take()](runtime::http_response r) {
      { std::lock_guard wait(handed_over); }
      client.reset();
      done(std::move(r));
    });
    lock.unlock();
    CAF_CHECK(a.wait_for(1));
  }
  CAF_CHECK(eventually([&] { return threads() <= before; }));
}
