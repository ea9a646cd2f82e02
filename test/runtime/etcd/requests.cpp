#define CAF_SUITE runtime.etcd.requests
#include "test/support/unit_test.hpp"

#include "runtime/etcd/requests.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow;
using namespace senseflow::runtime;
using nlohmann::json;

CAF_TEST(64 bit numbers go out as texts) {
  CAF_CHECK_EQUAL(grant_request(std::chrono::seconds(5)).body, R"({"TTL":"5"})");
  CAF_CHECK_EQUAL(keep_alive_request(7587848943239473001).body, R"({"ID":"7587848943239473001"})");
  CAF_CHECK_EQUAL(revoke_request(7).body, R"({"ID":"7"})");
}

CAF_TEST(a prefix is a range up to the next key that does not begin with it) {
  CAF_CHECK_EQUAL(end_of_prefix("/sf/"), "/sf0");
  CAF_CHECK_EQUAL(end_of_prefix("a\xff\xff"), "b");
  CAF_CHECK(end_of_prefix("\xff") == std::string(1, '\0')); // up to the last key
  CAF_CHECK(end_of_prefix("") == std::string(1, '\0'));
  CAF_CHECK_EQUAL(range_request("/sf/").body, R"({"key":"L3NmLw==","range_end":"L3NmMA=="})");
  CAF_CHECK_EQUAL(range_request("").body, R"({"key":"AA==","range_end":"AA=="})");
}

CAF_TEST(a transaction names target and result of each comparison) {
  etcd_transaction x;
  x.if_all = {{etcd_compare::what::created, "a", 0}, {etcd_compare::what::modified, "b", 42}};
  x.then = {{etcd_operation::what::put, "a", "value", 9}, {etcd_operation::what::erase, "b", "", 0}};
  x.otherwise = {{etcd_operation::what::read, "a", "", 0}};
  const auto expected = json::parse(R"({
    "compare": [
      {"target": "CREATE", "result": "EQUAL", "key": "YQ==", "create_revision": "0"},
      {"target": "MOD", "result": "EQUAL", "key": "Yg==", "mod_revision": "42"}],
    "success": [
      {"request_put": {"key": "YQ==", "value": "dmFsdWU=", "lease": "9"}},
      {"request_delete_range": {"key": "Yg=="}}],
    "failure": [{"request_range": {"key": "YQ=="}}]})");
  const auto request = commit_request(x);
  CAF_CHECK_EQUAL(request.path, "/v3/kv/txn");
  CAF_CHECK_EQUAL(json::parse(request.body), expected);
}

CAF_TEST(a watch begins one revision before and is one line) {
  const auto request = watch_request("/sf/", 12);
  CAF_CHECK_EQUAL(json::parse(request.body)["create_request"]["start_revision"], "11");
  CAF_CHECK(!json::parse(request.body)["create_request"].contains("prev_kv"));
  CAF_CHECK_EQUAL(request.body.find('\n'), request.body.size() - 1);
  CAF_CHECK_EQUAL(json::parse(watch_request("", 0).body)["create_request"]["start_revision"], "1");
}

CAF_TEST(whatever is in user and password the body is JSON) {
  const auto body = authenticate_request("a\"b\\", "line\nend\xff").body;
  CAF_CHECK_EQUAL(json::parse(body)["name"], "a\"b\\");
  CAF_CHECK_EQUAL(json::parse(body)["password"], "line\nend\xef\xbf\xbd");
}
