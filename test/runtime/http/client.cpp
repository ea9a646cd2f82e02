#define CAF_SUITE runtime.http.client
#include <caf/test/unit_test.hpp>

#include "runtime/http/client.hpp"

#include "bench/certificates.hpp"
#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"
#include "test/support/https_server.hpp"
#include "test/support/name_server.hpp"
#include "test/support/temp_dir.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <vector>

using namespace senseflow;
using namespace senseflow::test;
using runtime::http_error;

namespace {

// The certificates of all tests: making them takes longer than the tests do.
const temp_dir& pki() {
  static const temp_dir directory;
  static const bool made = [] {
    bench::certificate_options o;
    o.passphrase = "open sesame";
    o.expired_server = o.expired_client = o.wrong_ca = true;
    bench::make_certificates(directory.path().string(), o);
    return true;
  }();
  static_cast<void>(made);
  return directory;
}

https_server_options server_options(bool mutual = false) {
  return {pki() / "server.pem", pki() / "server_key.pem", mutual ? pki() / "root.pem" : ""};
}

runtime::http_tls client_tls() {
  return {pki() / "client.pem", pki() / "client_key.pem", "", pki() / "root.pem", true};
}

/// Of this machine.
std::shared_ptr<runtime::resolver> names() {
  static const auto one = runtime::make_resolver();
  return one;
}

runtime::http_request get(const std::string& url) {
  runtime::http_request r;
  r.url = url;
  return r;
}

// Collects answers as they come.
struct answers {
  runtime::http_client::completion take() {
    return [this](runtime::http_response r) {
      std::lock_guard lock(mutex);
      all.push_back(std::move(r));
      changed.notify_all();
    };
  }
  bool wait_for(size_t n, std::chrono::seconds within = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, within, [&] { return all.size() >= n; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<runtime::http_response> all;
};

runtime::http_response fetch(const runtime::http_request& r, const runtime::http_tls& tls = client_tls()) {
  answers a;
  const auto client = runtime::make_http_client(tls, 8, names());
  client->get(7, r, a.take());
  CAF_REQUIRE(a.wait_for(1));
  const auto result = a.all.front();
  if (result.error != http_error::none) {
    CAF_MESSAGE(result.detail);
    CAF_CHECK(result.body.empty());
    CAF_CHECK(!result.detail.empty() && result.detail.find('\n') == std::string::npos);
  }
  return result;
}

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

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

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

CAF_TEST(a hanging server times out and does not hold up others) {
  https_server hanging(server_options(), [](const auto&) { return std::string(); });
  https_server good(server_options(), [](const auto&) { return http_answer(200, "well"); });
  const auto client = runtime::make_http_client(client_tls(), 64, names());
  answers slow, quick;
  auto request = get(hanging.url("/"));
  request.timeout = std::chrono::milliseconds(1500);
  for (int i = 0; i < 10; ++i) client->get(1, request, slow.take());
  for (int i = 0; i < 10; ++i) client->get(2, get(good.url("/")), quick.take());
  CAF_REQUIRE(quick.wait_for(10));
  CAF_CHECK_EQUAL(slow.all.size(), 0u);
  CAF_CHECK_LESS_OR_EQUAL(hanging.connections(), 4u); // the others wait for their turn
  CAF_REQUIRE(slow.wait_for(10));
  for (const auto& r : slow.all) CAF_CHECK(r.error == http_error::timeout);
  for (const auto& r : quick.all) CAF_CHECK(r.error == http_error::none);
}

CAF_TEST(the limit of connections can change) {
  std::promise<void> release;
  auto released = release.get_future().share();
  https_server patient(server_options(), [released](const auto&) {
    released.wait_for(std::chrono::seconds(20));
    return http_answer(200, "well");
  });
  const auto client = runtime::make_http_client(client_tls(), 1, names());
  answers all;
  auto request = get(patient.url("/"));
  request.timeout = std::chrono::seconds(20);
  for (int i = 0; i < 2; ++i) client->get(1, request, all.take());
  CAF_REQUIRE(test::eventually([&] { return patient.connections() == 1; }));
  client->limit(3);
  for (int i = 0; i < 2; ++i) client->get(2, request, all.take());
  CAF_CHECK(test::eventually([&] { return patient.connections() == 3; }));
  release.set_value();
  CAF_REQUIRE(all.wait_for(4));
  for (const auto& r : all.all) CAF_CHECK(r.error == http_error::none);
  CAF_CHECK_EQUAL(patient.connections(), 3u); // the fourth waited for one of them
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

CAF_TEST(certificate problems are reported as such) {
  const auto answer = [](const auto&) { return http_answer(200, "ok"); };
  https_server mutual(server_options(true), answer);
  https_server expired({pki() / "server_expired.pem", pki() / "server_expired_key.pem"}, answer);
  const auto url = mutual.url("/");
  CAF_CHECK(fetch(get(url)).error == http_error::none);

  CAF_MESSAGE("the server's");
  auto tls = client_tls();
  tls.ca_file = pki() / "wrong_root.pem";
  CAF_CHECK(fetch(get(url), tls).error == http_error::certificate);
  tls.verify = false;
  CAF_CHECK(fetch(get(url), tls).error == http_error::none);
  CAF_CHECK(fetch(get(expired.url("/"))).error == http_error::certificate);
  tls = client_tls();
  tls.ca_file = pki() / "missing.pem";
  CAF_CHECK(contains(fetch(get(url), tls).detail, "missing.pem does not exist"));

  CAF_MESSAGE("ours");
  tls = client_tls();
  tls.certificate_file = pki() / "wrong_client.pem";
  tls.key_file = pki() / "wrong_client_key.pem";
  CAF_CHECK(fetch(get(url), tls).error == http_error::certificate);
  tls.certificate_file = pki() / "client_expired.pem";
  tls.key_file = pki() / "client_expired_key.pem";
  CAF_CHECK(fetch(get(url), tls).error == http_error::certificate);
  tls.certificate_file = tls.key_file = "";
  CAF_CHECK(fetch(get(url), tls).error == http_error::certificate);
  tls = client_tls();
  tls.certificate_file = pki() / "absent.pem";
  CAF_CHECK(contains(fetch(get(url), tls).detail, "absent.pem does not exist"));
  tls = client_tls();
  tls.key_file = pki() / "server_key.pem";
  CAF_CHECK(fetch(get(url), tls).error == http_error::certificate);
  CAF_CHECK(contains(fetch(get(url), tls).detail, "server_key.pem does not belong to the certificate"));
}

CAF_TEST(an encrypted key needs its passphrase which is never shown) {
  https_server server(server_options(true), [](const auto&) { return http_answer(200, "ok"); });
  auto tls = client_tls();
  tls.key_file = pki() / "client_key_encrypted.pem";
  tls.key_passphrase = "open sesame";
  CAF_CHECK(fetch(get(server.url("/")), tls).error == http_error::none);
  for (const auto* wrong : {"guessed", ""}) {
    tls.key_passphrase = wrong;
    const auto r = fetch(get(server.url("/")), tls);
    CAF_CHECK(r.error == http_error::certificate);
    CAF_CHECK(contains(r.detail, "passphrase"));
    CAF_CHECK(!contains(r.detail, "guessed"));
  }
}

CAF_TEST(renewed certificate files are picked up by new connections) {
  https_server server(server_options(true),
                      [](const auto&) { return http_answer(200, "ok", "Connection: close\r\n"); });
  const temp_dir own;
  const auto put = [&](const char* name, const char* as) {
    std::filesystem::copy_file(pki() / name, own / as, std::filesystem::copy_options::overwrite_existing);
  };
  put("wrong_client.pem", "client.pem");
  put("wrong_client_key.pem", "client_key.pem");
  put("wrong_root.pem", "root.pem");
  const auto client = runtime::make_http_client(
      {own / "client.pem", own / "client_key.pem", "", own / "root.pem", true}, 4, names());
  answers a;
  client->get(1, get(server.url("/")), a.take());
  CAF_REQUIRE(a.wait_for(1));
  CAF_CHECK(a.all[0].error == http_error::certificate);
  put("root.pem", "root.pem");
  client->get(2, get(server.url("/")), a.take());
  CAF_REQUIRE(a.wait_for(2));
  CAF_CHECK(a.all[1].error == http_error::certificate);
  put("client.pem", "client.pem");
  put("client_key.pem", "client_key.pem");
  client->get(3, get(server.url("/")), a.take());
  CAF_REQUIRE(a.wait_for(3));
  CAF_CHECK(a.all[2].error == http_error::none);
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

CAF_TEST(silent name servers hold up no other request and not the end) {
  name_server dns;
  dns.tell("sense1.example.com", {"127.0.0.1"});
  for (const auto* silent : {"a.example.com", "b.example.com", "c.example.com"}) dns.silent(silent);
  runtime::resolver_options o;
  o.name_servers = dns.place();
  https_server server(server_options(), [](const auto&) { return http_answer(200, "well"); });
  auto tls = client_tls();
  tls.verify = false; // it has another name
  auto client = runtime::make_http_client(tls, 4, runtime::make_resolver(o));
  const auto place = [&](const std::string& name) {
    return "https://" + name + ":" + std::to_string(server.port()) + "/";
  };
  answers silent, good, limited;
  auto request = get(place("a.example.com"));
  request.timeout = std::chrono::milliseconds(300);
  client->get(1, request, limited.take());
  for (const auto* name : {"a.example.com", "b.example.com", "c.example.com"})
    for (int i = 0; i < 5; ++i) {
      request = get(place(name));
      request.timeout = std::chrono::seconds(60);
      client->get(2, request, silent.take());
    }
  const auto began = std::chrono::steady_clock::now();
  for (size_t i = 1; i <= 5; ++i) {
    client->get(i, get(place("sense1.example.com")), good.take());
    CAF_REQUIRE(good.wait_for(i));
    CAF_CHECK_EQUAL(good.all.back().body, "well");
  }
  CAF_CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  CAF_REQUIRE(limited.wait_for(1));
  CAF_CHECK(limited.all[0].error == http_error::dns);
  CAF_CHECK(contains(limited.all[0].detail, "no name server answers for a.example.com"));
  CAF_CHECK_EQUAL(silent.all.size(), 0u);

  CAF_MESSAGE("known names go on, whatever the name server does, and nothing waits for it at the end");
  dns.silent("");
  client->get(6, get(place("sense1.example.com")), good.take());
  CAF_REQUIRE(good.wait_for(6));
  CAF_CHECK_EQUAL(good.all.back().body, "well");
  const auto end = std::chrono::steady_clock::now();
  client = nullptr;
  CAF_CHECK(std::chrono::steady_clock::now() - end < std::chrono::seconds(1));
  CAF_CHECK_EQUAL(silent.all.size(), 0u);
}

CAF_TEST(all addresses of a name are tried and redirects may lead to other names) {
  name_server dns;
  dns.tell("sense1.example.com", {"127.0.0.77", "::1", "127.0.0.1"}); // the server is at the last one
  dns.tell("sense2.example.com", {"127.0.0.1"});
  runtime::resolver_options o;
  o.name_servers = dns.place();
  std::string redirect;
  std::string host;
  https_server server(server_options(), [&](const https_request& r) {
    host = r.headers.at("host");
    if (r.target == "/there") return http_answer(200, "there");
    return http_answer(302, "", "Location: " + redirect + "\r\n");
  });
  auto tls = client_tls();
  tls.verify = false;
  const auto client = runtime::make_http_client(tls, 4, runtime::make_resolver(o));
  const auto place = [&](const std::string& name) {
    return "https://" + name + ":" + std::to_string(server.port());
  };
  const auto fetch_from = [&](const std::string& url,
                              std::vector<runtime::http_request::header> headers = {}) {
    answers a;
    auto request = get(url);
    request.headers = std::move(headers);
    client->get(1, request, a.take());
    CAF_REQUIRE(a.wait_for(1));
    if (a.all[0].error != http_error::none) CAF_MESSAGE(a.all[0].detail);
    return a.all[0];
  };
  CAF_CHECK_EQUAL(fetch_from(place("sense1.example.com") + "/there").body, "there");
  CAF_CHECK_EQUAL(fetch_from(place("SENSE1.example.com.") + "/there").body, "there");
  redirect = place("sense2.example.com") + "/there";
  CAF_CHECK_EQUAL(fetch_from(place("sense1.example.com") + "/").body, "there");
  CAF_CHECK(contains(host, "sense2.example.com"));
  redirect = place("127.0.0.1") + "/there";
  CAF_CHECK_EQUAL(fetch_from(place("sense1.example.com") + "/").body, "there");
  redirect = place("missing.example.com") + "/there";
  const auto missing = fetch_from(place("sense1.example.com") + "/");
  CAF_CHECK(missing.error == http_error::dns);
  CAF_CHECK(contains(missing.detail, "missing.example.com"));
  redirect = "/there";
  CAF_CHECK_EQUAL(fetch_from(place("sense1.example.com") + "/", {{"Host", "another.example.com"}}).body,
                  "there");
  CAF_CHECK_EQUAL(host, "another.example.com");
  CAF_CHECK_EQUAL(dns.questions("another.example.com"), 0u);
}

CAF_TEST(a name that moves is found again after a failed connection) {
  name_server dns;
  dns.tell("sense1.example.com", {"127.0.0.77"});
  runtime::resolver_options o;
  o.name_servers = dns.place();
  https_server server(server_options(), [](const auto&) { return http_answer(200, "well"); });
  auto tls = client_tls();
  tls.verify = false;
  const auto client = runtime::make_http_client(tls, 4, runtime::make_resolver(o));
  const auto well = [&] {
    answers a;
    client->get(1, get("https://sense1.example.com:" + std::to_string(server.port()) + "/"), a.take());
    return a.wait_for(1) && a.all[0].error == http_error::none;
  };
  CAF_CHECK(!well());
  dns.tell("sense1.example.com", {"127.0.0.1"});
  CAF_CHECK(test::eventually(well));
}

CAF_TEST(a lack of descriptors is named and not blamed on the server) {
  https_server server(server_options(true),
                      [](const auto&) { return http_answer(200, "ok", "Connection: close\r\n"); });
  const auto client = runtime::make_http_client(client_tls(), 4, names());
  const auto error = [&] {
    answers a;
    client->get(1, get(server.url("/")), a.take());
    CAF_REQUIRE(a.wait_for(1));
    CAF_MESSAGE(a.all[0].detail);
    return a.all[0].error;
  };
  CAF_CHECK(error() == http_error::none);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto low = before;
  low.rlim_cur = 200;
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<int> taken;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken.push_back(fd);
  const auto free_one = [&] {
    ::close(taken.back());
    taken.pop_back();
  };
  CAF_CHECK(error() == http_error::no_descriptors);
  free_one(); // for the connection, but not for the certificates
  CAF_CHECK(error() == http_error::no_descriptors);
  for (int i = 0; i < 5; ++i) free_one(); // the server needs one too
  CAF_CHECK(error() == http_error::none);
  for (const auto fd : taken) ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

CAF_TEST(waiting for a turn is not part of the time limit) {
  https_server slow(server_options(), [](const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return http_answer(200, "well");
  });
  const auto client = runtime::make_http_client(client_tls(), 1, names());
  answers all;
  auto request = get(slow.url("/"));
  request.timeout = std::chrono::milliseconds(1500);
  for (int i = 0; i < 6; ++i) client->get(1, request, all.take());
  CAF_REQUIRE(all.wait_for(6));
  for (const auto& r : all.all) {
    CAF_CHECK(r.error == http_error::none);
    CAF_CHECK(r.duration_us < 1'500'000);
  }
}

CAF_TEST(the client may be released by a completion) {
  https_server server(server_options(), [](const auto&) { return http_answer(200, "ok"); });
  auto client = runtime::make_http_client(client_tls(), 4, names());
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
