#define CAF_SUITE runtime.commands.health_command
#include "test/support/unit_test.hpp"

#include "runtime/commands/health_command.hpp"

#include "bench/certificates.hpp"
#include "test/support/free_port.hpp"
#include "test/support/https_server.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// An instance that answers as the test says, over TLS.
struct fixture {
  temp_dir directory;
  std::map<std::string, std::pair<int, std::string>> answers{
      {"/ready", {200, "ready\n"}},
      {"/health", {200, R"({"status":"ok","text":"All is well.","conditions":[]})"}}};
  std::string authorization;
  std::unique_ptr<https_server> server;
  runtime::health_address at;
  std::ostringstream out, err;

  fixture() {
    bench::make_certificates(directory.path());
    https_server_options o;
    o.certificate_file = directory / "server.pem";
    o.key_file = directory / "server_key.pem";
    server = std::make_unique<https_server>(o, [this](const https_request& r) {
      const auto i = r.headers.find("authorization");
      authorization = i == r.headers.end() ? "" : i->second;
      const auto& [status, body] = answers.at(r.target);
      return http_answer(status, body);
    });
    at.port = server->port();
    std::ifstream pem{directory / "server.pem"};
    at.certificate = {std::istreambuf_iterator<char>{pem}, {}};
  }

  int ask() {
    out.str("");
    err.str("");
    return runtime::ask_health(at, out, err);
  }
  bool says(const std::string& text) const { return err.str().find(text) != std::string::npos; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(health_tests, fixture)

CAF_TEST(an instance that is well enough is healthy and says so in one line) {
  CAF_CHECK_EQUAL(ask(), 0);
  CAF_CHECK_EQUAL(out.str(), "ok: All is well.\n");
  CAF_CHECK_EQUAL(authorization, "");
  answers["/health"].second =
      R"({"status":"warning","text":"1 warning.","conditions":[{"text":"sense1\nis offline."}]})";
  at.token = "a token";
  at.host = "0.0.0.0"; // on this machine, then
  CAF_CHECK_EQUAL(ask(), 0);
  CAF_CHECK_EQUAL(out.str(), "warning: 1 warning. sense1 is offline.\n");
  CAF_CHECK_EQUAL(authorization, "Bearer a token");
}

CAF_TEST(a critical one is not and the line gives the reasons) {
  answers["/health"] = {
      503, R"({"status":"critical","text":"7 problems.","conditions":[{"text":"a."},{"text":"b."},
      {"text":"c."},{"text":"d."},{"text":"e."},{"text":"f."},{"text":"g."}]})"};
  CAF_CHECK_EQUAL(ask(), 1);
  CAF_CHECK_EQUAL(out.str(), "critical: 7 problems. a. b. c. d. e. And 2 more.\n");
}

CAF_TEST(one that is not ready is not healthy) {
  answers["/ready"] = {503, "it is stopping\nno broker\n"};
  CAF_CHECK_EQUAL(ask(), 1);
  CAF_CHECK_EQUAL(out.str(), "not ready: it is stopping no broker; ok: All is well.\n");
}

CAF_TEST(who can not be asked is neither and it is said why) {
  answers["/health"] = {401, "no token\n"};
  CAF_CHECK_EQUAL(ask(), 2);
  CAF_CHECK(says("admin.tokenFile"));
  for (const std::pair<int, std::string>& x :
       std::vector<std::pair<int, std::string>>{{200, "<html>"},
                                                {200, "[]"},
                                                {200, "{}"},
                                                {404, R"({"status":"ok"})"},
                                                {200, R"({"status":1})"}}) {
    answers["/health"] = x;
    CAF_CHECK_EQUAL(ask(), 2);
    CAF_CHECK(says("is not senseflow"));
  }
  answers["/health"] = {200, std::string(5u << 20, ' ')};
  CAF_CHECK_EQUAL(ask(), 2);
  CAF_CHECK(says("the answer is too large"));
  at.port = free_port();
  CAF_CHECK_EQUAL(ask(), 2);
  CAF_CHECK(says("Does senseflow run"));
  CAF_CHECK_EQUAL(out.str(), "");
}

CAF_TEST(another certificate than that of the configuration is not trusted) {
  std::ifstream pem{directory / "client.pem"};
  at.certificate = {std::istreambuf_iterator<char>{pem}, {}};
  CAF_CHECK_EQUAL(ask(), 2);
  CAF_CHECK_NOT_EQUAL(err.str(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
