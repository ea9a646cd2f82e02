#define CAF_SUITE runtime.probe.sense_checks
#include "test/support/unit_test.hpp"

#include "runtime/probe/sense_checks.hpp"

using namespace senseflow;
using namespace senseflow::runtime;
using namespace senseflow::runtime::probe;

namespace {

http_response answer(const std::string& body) {
  http_response x;
  x.status = 200;
  x.duration_us = 12'000;
  x.body = body;
  return x;
}

http_response status(int32_t code) {
  http_response x;
  x.error = http_error::status;
  x.status = code;
  return x;
}

http_response error(http_error e) {
  http_response x;
  x.error = e;
  x.detail = "words";
  return x;
}

} // namespace

CAF_TEST(a healthy answer tells version and memory and sessions) {
  const auto x =
      judge_health(answer(R"({"version":"12.1","mem":{"committed":812.5},"session":{"total":4}})"), "S");
  CAF_CHECK(x.result == outcome::good);
  CAF_CHECK_EQUAL(x.fact, "status 200 after 12 ms: engine 12.1, 812 MB committed, 4 sessions");
  CAF_CHECK_EQUAL(judge_health(answer(R"({"version":"12.1","saturated":true})"), "S").code, "saturated");
}

CAF_TEST(answers that are none tell what they are) {
  CAF_CHECK_EQUAL(judge_health(answer("<html>"), "S").code, "not_json");
  CAF_CHECK(judge_health(answer("<html>"), "S").cause.find("web page") != std::string::npos);
  CAF_CHECK(judge_health(answer("\x01\x02"), "S").cause.find("no JSON") != std::string::npos);
  CAF_CHECK_EQUAL(judge_health(answer(R"({"a":1})"), "S").code, "not_health");
  CAF_CHECK_EQUAL(judge_sessions(answer("{}"), "/", "S").code, "not_json");
  CAF_CHECK_EQUAL(judge_apps(answer("{}"), "S").code, "not_json");
  CAF_CHECK(judge_sessions(answer("[]"), "/", "S").result == outcome::good);
  CAF_CHECK(judge_apps(answer(R"([{"id":"a","name":"b"}])"), "S").fact.find("1 apps") != std::string::npos);
}

CAF_TEST(every error has a code and a cause and a next step) {
  using e = http_error;
  for (auto x : {e::dns, e::refused, e::timeout, e::tls, e::certificate, e::too_large, e::redirects,
                 e::no_descriptors, e::not_permitted, e::other})
    for (const auto& f :
         {judge_health(error(x), "S"), judge_sessions(error(x), "/a", "S"), judge_apps(error(x), "S")}) {
      CAF_CHECK(f.result == outcome::failed);
      CAF_CHECK(!f.code.empty() && !f.cause.empty() && !f.next.empty());
    }
  for (auto x : {400, 401, 403, 404, 500, 503}) {
    const auto f = judge_sessions(status(x), "/a", "S");
    CAF_CHECK_EQUAL(f.code, "status_" + std::to_string(x));
    CAF_CHECK(!f.cause.empty() && !f.next.empty());
  }
  CAF_CHECK(judge_sessions(status(404), "/hdr", "S").cause.find("no virtual proxy /hdr") !=
            std::string::npos);
}

CAF_TEST(clocks may be some seconds apart) {
  CAF_CHECK(judge_clock(1000, 1000).result == outcome::good);
  CAF_CHECK(judge_clock(1010, 1000).result == outcome::good);
  const auto ahead = judge_clock(1011, 1000), behind = judge_clock(1000, 2000);
  CAF_CHECK(ahead.result == outcome::warning && behind.result == outcome::warning);
  CAF_CHECK_EQUAL(ahead.fact, "its clock is 11 s ahead of ours");
  CAF_CHECK_EQUAL(behind.fact, "its clock is 1000 s behind ours");
}
