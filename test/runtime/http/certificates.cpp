#define CAF_SUITE runtime.http.certificates
#include "test/runtime/http/https_fixture.hpp"

#include <filesystem>

using namespace senseflow;
using namespace senseflow::test;

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
