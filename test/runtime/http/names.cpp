#define CAF_SUITE runtime.http.names
#include "test/runtime/http/https_fixture.hpp"

#include "test/support/name_server.hpp"

using namespace senseflow;
using namespace senseflow::test;

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
