#define CAF_SUITE bench.answers

#include "test/support/unit_test.hpp"

#include "bench/sense_site/answers.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace senseflow::bench;
using nlohmann::json;

namespace {

const std::string key = "0123456789abcdef";
const std::string user = "UserDirectory=Internal; UserId=sa_repository";

struct fixture {
  sense_metrics metrics{1};
  gzip_encoder gzip;
  behaviour how;

  answer ask(const std::string& target, const std::string& header_key = {},
             const std::string& header_user = {}, bool gzip_too = false) {
    return make_answer({true, target, header_key, header_user, gzip_too}, how, metrics, gzip);
  }
  unsigned status(const std::string& target, const std::string& header_key = {},
                  const std::string& header_user = {}) {
    const auto result = ask(target, header_key, header_user);
    CAF_CHECK_EQUAL(result.refused, result.status != 200);
    CAF_CHECK(!result.body->empty());
    return result.status;
  }
  bool is_json(const answer& x) { return !json::parse(*x.body, nullptr, false).is_discarded(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(answers_tests, fixture)

CAF_TEST(paths belong to their APIs) {
  CAF_CHECK(api_of("/engine/healthcheck") == sense_api::health);
  CAF_CHECK(api_of("/engine/healthcheck?x=1") == sense_api::health);
  CAF_CHECK(api_of("/qps/session?Xrfkey=1") == sense_api::sessions);
  CAF_CHECK(api_of("/qps/hdr/session") == sense_api::sessions);
  CAF_CHECK(api_of("/qrs/app?xrfkey=1") == sense_api::apps);
  for (auto other : {"", "/", "/engine", "/engine/healthcheck/", "/qps/sessions", "/qps", "/qrs/app/full",
                     "?", "/qpsession"})
    CAF_CHECK(api_of(other) == sense_api::other);
}

CAF_TEST(a health request needs nothing but its path) {
  CAF_CHECK_EQUAL(status("/engine/healthcheck"), 200u);
}

CAF_TEST(sessions need the same key of 16 characters twice) {
  CAF_CHECK_EQUAL(status("/qps/session?Xrfkey=" + key, key), 200u);
  CAF_CHECK_EQUAL(status("/qps/hdr/session?xrfkey=" + key, key), 200u);
  CAF_CHECK_EQUAL(status("/qps/session?a=b&XRFKEY=" + key + "&c", key), 200u);
  CAF_CHECK_EQUAL(status("/qps/session?Xrfkey=" + key), 400u);
  CAF_CHECK_EQUAL(status("/qps/session", key), 400u);
  CAF_CHECK_EQUAL(status("/qps/session?Xrfkey=" + key, "fedcba9876543210"), 400u);
  CAF_CHECK_EQUAL(status("/qps/session?Xrfkey=short", "short"), 400u);
  CAF_CHECK_EQUAL(status("/qps/session?Xrfkey=" + key + "x", key + "x"), 400u);
  CAF_CHECK_EQUAL(status("/qps/session?otherkey=" + key, key), 400u);
  CAF_CHECK_EQUAL(status("/qps/session?", ""), 400u);
  CAF_CHECK_EQUAL(status("/qps/session?Xrfkey", ""), 400u);
}

CAF_TEST(unknown virtual proxies and paths are not found) {
  CAF_CHECK_EQUAL(status("/qps/none/session?Xrfkey=" + key, key), 404u);
  CAF_CHECK_EQUAL(status("/qps//session?Xrfkey=" + key, key), 404u);
  CAF_CHECK_EQUAL(status("/hub"), 404u);
}

CAF_TEST(the app list needs key and user) {
  CAF_CHECK_EQUAL(status("/qrs/app?xrfkey=" + key, key, user), 200u);
  CAF_CHECK_EQUAL(status("/qrs/app?xrfkey=" + key, "", user), 400u);
  CAF_CHECK_EQUAL(status("/qrs/app?xrfkey=" + key, key), 403u);
  CAF_CHECK_EQUAL(status("/qrs/app?xrfkey=" + key, key, "sa_repository"), 403u);
}

CAF_TEST(methods other than GET are refused) {
  const auto result = make_answer({false, "/engine/healthcheck", "", "", false}, how, metrics, gzip);
  CAF_CHECK_EQUAL(result.status, 405u);
}

CAF_TEST(a failing server fails for every API and the request is not at fault) {
  how.status = 503;
  for (auto target : {"/engine/healthcheck", "/qps/session", "/hub"}) {
    const auto result = ask(target);
    CAF_CHECK_EQUAL(result.status, 503u);
    CAF_CHECK(!result.refused);
  }
}

CAF_TEST(special bodies are what they say) {
  how.body = body_kind::negative;
  CAF_CHECK_LESS(json::parse(*ask("/engine/healthcheck").body).at("cache").at("bytes_added").get<int64_t>(),
                 0);
  how.body = body_kind::html;
  CAF_CHECK(!is_json(ask("/engine/healthcheck")));
  CAF_CHECK_EQUAL(std::string{ask("/engine/healthcheck").content_type}.find("text/html"), 0u);
  how.body = body_kind::garbage;
  CAF_CHECK(!is_json(ask("/engine/healthcheck")));
  how.body = body_kind::huge;
  const auto huge = ask("/engine/healthcheck");
  CAF_CHECK_GREATER(huge.body->size(), size_t{16} << 20);
  CAF_CHECK(is_json(huge));
  CAF_CHECK_EQUAL(huge.status, 200u);
}

CAF_TEST(a special body does not hide a faulty request) {
  how.body = body_kind::huge;
  CAF_CHECK_EQUAL(status("/qps/session"), 400u);
}

CAF_TEST(answers are compressed for those who take it) {
  const auto plain = ask("/qrs/app?xrfkey=" + key, key, user);
  const auto packed = ask("/qrs/app?xrfkey=" + key, key, user, true);
  CAF_CHECK(!plain.gzip && packed.gzip);
  CAF_CHECK_LESS(packed.body->size(), plain.body->size());
  CAF_CHECK_EQUAL(packed.body->substr(0, 2), "\x1f\x8b");
}

CAF_TEST_FIXTURE_SCOPE_END()
