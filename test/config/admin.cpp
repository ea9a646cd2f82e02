#define CAF_SUITE config.admin
#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"
#include "config/load.hpp"
#include "config/print.hpp"
#include "faults.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::has_warning;
using senseflow::test::load_members;

namespace {

/// In an enabled `admin`, in line 4 column 5 of the file.
config::load_result in_admin(const std::string& line) {
  return load_members("admin:\n  enable: true\n  " + line + "\n");
}

std::string faults(const config::load_result& r) { return test::listed(r.faults); }

} // namespace

CAF_TEST(it is off unless it is asked for and then for this machine only) {
  CAF_CHECK(!load_members("admin: {}").value.admin.enable);
  const auto r = load_members("admin: {enable: true}");
  CAF_CHECK_EQUAL(faults(r), "");
  CAF_CHECK_EQUAL(r.value.admin.host, "127.0.0.1");
  CAF_CHECK_EQUAL(r.value.admin.port, 9843);
  CAF_CHECK(!r.value.admin.ready_needs_broker && !r.value.admin.authenticated());
}

CAF_TEST(where others can reach it they have to show a token or it has to be said that they need none) {
  for (const auto* host : {"0.0.0.0", "192.0.2.1", "'::'", "'2001:db8::1'", "128.0.0.1"}) {
    const auto line = std::string{"host: "} + host;
    CAF_CHECK(contains(faults(in_admin(line)), "others can reach it"));
    CAF_CHECK_EQUAL(faults(in_admin(line + "\n  allowUnauthenticated: true")), "");
  }
  for (const auto* host : {"127.0.0.1", "127.1.2.3", "'::1'", "localhost"})
    CAF_CHECK_EQUAL(faults(in_admin(std::string{"host: "} + host)), "");
  CHECK_ONLY_FAULT(in_admin("host: 0.0.0.0"), 4, 11, "admin.host", "0.0.0.0", "Name a tokenFile");
  CHECK_ONLY_FAULT(in_admin("host: ''"), 4, 11, "admin.host", "is empty", "127.0.0.1");
  CHECK_ONLY_FAULT(in_admin("host: sense.example.com"), 4, 11, "admin.host", "no address", "0.0.0.0");
  CHECK_ONLY_FAULT(in_admin("port: 0"), 4, 11, "admin.port", "0", "1 to 65535");
}

CAF_TEST(the token is what the file holds and is never shown) {
  const test::temp_dir dir;
  std::ofstream{dir / "token"} << "abc-123\n";
  const auto line = "host: 0.0.0.0\n  tokenFile: " + (dir / "token");
  auto r = in_admin(line);
  CAF_CHECK_EQUAL(faults(r), "");
  CAF_CHECK_EQUAL(r.value.admin.token.reveal(), "abc-123");
  CAF_CHECK(has_warning(r, "admin.tokenFile", "unencrypted"));
  CAF_CHECK(!contains(config::print(r.value), "abc-123"));
  CAF_CHECK(has_warning(in_admin(line + "\n  allowUnauthenticated: true"), "admin.allowUnauthenticated",
                        "no effect"));
  std::ofstream{dir / "token"} << "";
  CAF_CHECK(contains(faults(in_admin(line)), "is empty"));
  std::ofstream{dir / "token"} << "two words";
  CAF_CHECK(contains(faults(in_admin(line)), "HTTP can't carry"));
  CAF_CHECK(contains(faults(in_admin("tokenFile: /nowhere")), "admin.tokenFile"));
}

CAF_TEST(TLS needs a certificate and its key) {
  const test::temp_dir dir;
  bench::make_certificates(dir.path());
  const auto tls = [&](const std::string& cert, const std::string& key) {
    return in_admin("tls: {cert: '" + cert + "', key: '" + key + "'}");
  };
  CAF_CHECK_EQUAL(faults(tls(dir / "server.pem", dir / "server_key.pem")), "");
  CAF_CHECK(contains(faults(tls(dir / "server.pem", "")), "admin.tls.key is required"));
  CAF_CHECK(contains(faults(tls("", dir / "server_key.pem")), "admin.tls.cert is required"));
  CAF_CHECK(contains(faults(tls(dir / "server.pem", dir / "client_key.pem")), "does not belong"));
  CAF_CHECK(contains(faults(tls("/nowhere.pem", dir / "server_key.pem")), "admin.tls.cert"));
}

CAF_TEST(what is switched off is not checked) {
  CAF_CHECK_EQUAL(faults(load_members("admin: {enable: false, host: 0.0.0.0, tokenFile: /nowhere}")), "");
}
