#define CAF_SUITE runtime.etcd.answers
#include "test/support/unit_test.hpp"

#include "runtime/etcd/answers.hpp"

#include "test/support/dice.hpp"

#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::runtime;

namespace {

using kind = etcd_call_kind;

const std::vector<kind> kinds{kind::grant,  kind::keep_alive, kind::revoke,      kind::range,
                              kind::commit, kind::alarms,     kind::authenticate};

constexpr auto good_range =
    R"({"header":{"cluster_id":"9151734699010623715","revision":"9007199254740993"},"kvs":[)"
    R"({"key":"L3g=","create_revision":"2","mod_revision":"4001","version":"4000","value":"djM=",)"
    R"("lease":"7587848943239473001"}],"count":"1"})";
constexpr auto good_changes =
    R"({"result":{"header":{"revision":"9"},"events":[)"
    R"({"kv":{"key":"YQ==","create_revision":"5","mod_revision":"7","version":"1","value":"eA=="}},)"
    R"({"type":"DELETE","kv":{"key":"Yg==","mod_revision":"8"},)"
    R"("prev_kv":{"key":"Yg==","create_revision":"3","mod_revision":"3","version":"1","value":"eQ=="}}]}})";

std::string nested(size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

} // namespace

CAF_TEST(numbers beyond 53 bits and left out fields are read) {
  const auto x = read_answer(kind::range, 200, good_range);
  CAF_REQUIRE_EQUAL(x.keys.size(), 1u);
  CAF_CHECK_EQUAL(x.revision, 9007199254740993);
  CAF_CHECK_EQUAL(x.keys[0].key, "/x");
  CAF_CHECK_EQUAL(x.keys[0].value, "v3");
  CAF_CHECK_EQUAL(x.keys[0].create_revision, 2);
  CAF_CHECK_EQUAL(x.keys[0].mod_revision, 4001);
  CAF_CHECK_EQUAL(x.keys[0].lease, 7587848943239473001);
  const auto none = read_answer(kind::range, 200, R"({"header":{"revision":"5"}})");
  CAF_CHECK(none.error == etcd_error::none && none.keys.empty());
  const auto lost = read_answer(kind::commit, 200, R"({"header":{"revision":5},"responses":[{"response_range":
      {"header":{"revision":"5"},"kvs":[{"key":"YQ==","mod_revision":"3"}],"count":"1"}},{"response_put":{}}]})");
  CAF_CHECK(lost.error == etcd_error::none && !lost.succeeded);
  CAF_REQUIRE_EQUAL(lost.keys.size(), 1u);
  CAF_CHECK_EQUAL(lost.keys[0].value, "");
}

CAF_TEST(a lease is kept alive only by an answer with a time to live) {
  const auto with = read_answer(kind::keep_alive, 200, "{\"result\":{\"ID\":\"7\",\"TTL\":\"5\"}}\n");
  CAF_CHECK(with.error == etcd_error::none && with.lease == 7 && with.ttl.count() == 5);
  CAF_CHECK(read_answer(kind::keep_alive, 200, "{\"result\":{\"ID\":\"7\"}}\n").error ==
            etcd_error::lease_lost);
  CAF_CHECK(read_answer(kind::keep_alive, 200, R"({"result":{"ID":"7","TTL":"0"}})").error ==
            etcd_error::lease_lost);
  CAF_CHECK(read_answer(kind::keep_alive, 200, R"({"result":{"TTL":"5"}})").error == etcd_error::unusable);
  CAF_CHECK(read_answer(kind::grant, 200, R"({"ID":"7"})").error == etcd_error::unusable);
  CAF_CHECK(read_answer(kind::grant, 200, R"({"ID":"7","TTL":"-1"})").error == etcd_error::unusable);
  CAF_CHECK(read_answer(kind::grant, 200, R"({"ID":"7","TTL":"99999999999999"})").error ==
            etcd_error::unusable);
}

CAF_TEST(errors are known by their code in either form) {
  struct one {
    int32_t status;
    const char* body;
    etcd_error expected;
  };
  const one cases[] = {
      {400, R"({"error":"etcdserver: too many operations in txn request","code":3})", etcd_error::refused},
      {400, R"({"error":"mvcc: required revision has been compacted","code":11})", etcd_error::compacted},
      {400, R"({"error":"etcdserver: authentication failed, invalid user ID or password","code":3})",
       etcd_error::denied},
      {401, R"({"error":"etcdserver: invalid auth token","code":16})", etcd_error::denied},
      {403, R"({"error":"etcdserver: permission denied","code":7})", etcd_error::denied},
      {404, R"({"error":"etcdserver: requested lease not found","code":5})", etcd_error::lease_lost},
      {412, R"({"error":"etcdserver: lease already exists","code":9})", etcd_error::refused},
      {429, R"({"error":"mvcc: database space exceeded","code":8})", etcd_error::no_space},
      {429, R"({"error":"etcdserver: too many requests","code":8})", etcd_error::unavailable},
      {500, R"({"error":"context deadline exceeded","code":2})", etcd_error::unavailable},
      {503, R"({"error":"etcdserver: request timed out","code":14})", etcd_error::unavailable},
      {503, R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}})",
       etcd_error::unavailable},
      {200, R"({"error":{"grpc_code":14,"http_code":503,"message":"transport is closing"}})",
       etcd_error::unavailable},
      {503, R"({"code":14,"message":"etcdserver: no leader","details":[]})", etcd_error::unavailable},
      {502, "<html>Bad Gateway</html>", etcd_error::unavailable},
      {403, "no", etcd_error::denied},
      {404, "404 page not found\n", etcd_error::unusable},
      {302, "", etcd_error::unusable}};
  for (const auto& c : cases) {
    const auto x = read_answer(kind::keep_alive, c.status, c.body);
    CAF_CHECK_EQUAL(to_string_view(x.error), to_string_view(c.expected));
    CAF_CHECK(!x.detail.empty());
  }
  CAF_CHECK(read_answer(kind::range, 401, cases[3].body).token_refused);
  CAF_CHECK(
      read_answer(kind::range, 400, R"({"error":"etcdserver: user name is empty","code":3})").token_refused);
  CAF_CHECK(!read_answer(kind::range, 403, cases[4].body).token_refused);
  CAF_CHECK(read_answer(kind::revoke, 404, cases[5].body).error == etcd_error::none);
}

CAF_TEST(words of etcd are cleaned and cut before anybody logs them) {
  const auto x = read_answer(kind::range, 400,
                             R"({"error":"bad\nline\u001b[31m)" + std::string(10000, 'x') + R"(","code":3})");
  CAF_CHECK_EQUAL(x.detail.substr(0, 12), "badline[31mx");
  CAF_CHECK(x.detail.size() < 300);
}

CAF_TEST(a token that can not be a header is none) {
  CAF_CHECK_EQUAL(read_answer(kind::authenticate, 200, R"({"token":"abc.12"})").token, "abc.12");
  for (const auto* body : {R"({"token":"a\r\nX: y"})", R"({"token":"a b"})", R"({"token":""})", R"({})",
                           R"({"token":"ä"})", R"({"token":7})"})
    CAF_CHECK(read_answer(kind::authenticate, 200, body).error == etcd_error::unusable);
  CAF_CHECK(read_answer(kind::authenticate, 200, R"({"token":")" + std::string(9000, 'x') + R"("})").error ==
            etcd_error::unusable);
}

CAF_TEST(alarms are told once each) {
  const auto x = read_answer(kind::alarms, 200, R"({"header":{},"alarms":[{"memberID":"1","alarm":"NOSPACE"},
      {"memberID":"2","alarm":"NOSPACE"},{"alarm":"COR\nRUPT"}]})");
  CAF_CHECK(x.alarms == (std::vector<std::string>{"NOSPACE", "CORRUPT"}));
}

CAF_TEST(changes of a watch are read) {
  const auto x = read_watch_line(good_changes);
  CAF_CHECK(x.error == etcd_error::none && !x.progress && !x.created);
  CAF_REQUIRE_EQUAL(x.changes.size(), 2u);
  CAF_CHECK(!x.changes[0].erased && x.changes[0].now.value == "x");
  CAF_CHECK(x.changes[1].erased && x.changes[1].now.key == "b");
  CAF_CHECK_EQUAL(x.changes[1].now.mod_revision, 8);
}

CAF_TEST(a watch may end in four ways) {
  CAF_CHECK(read_watch_line(R"({"result":{"canceled":true,"compact_revision":"6"}})").error ==
            etcd_error::compacted);
  const auto refused = read_watch_line(
      R"({"result":{"created":true,"canceled":true,"watch_id":"-1","cancel_reason":"etcdserver: permission denied"}})");
  CAF_CHECK(refused.error == etcd_error::denied);
  CAF_CHECK_EQUAL(refused.detail, "etcdserver: permission denied");
  CAF_CHECK(read_watch_line(R"({"result":{"canceled":true}})").error == etcd_error::unavailable);
  CAF_CHECK(read_watch_line(R"({"error":{"grpc_code":14,"message":"etcdserver: no leader"}})").error ==
            etcd_error::unavailable);
  CAF_CHECK(read_watch_line(R"({"result":{"header":{"revision":"3"},"watch_id":"-1"}})").progress);
  CAF_CHECK(!read_watch_line(R"({"result":{"header":{"revision":"3"},"created":true}})").progress);
  CAF_CHECK(read_watch_refusal(200, "{}").error == etcd_error::unusable);
  CAF_CHECK(read_watch_refusal(503, "").error == etcd_error::unavailable);
  CAF_CHECK(read_watch_refusal(401, R"({"error":"etcdserver: invalid auth token","code":16})").error ==
            etcd_error::denied);
}

CAF_TEST(words that hold nothing to read are replaced) {
  CAF_CHECK_EQUAL(read_answer(etcd_call_kind::range, 503, "\x01\x7f").detail, "status 503 without a reason");
  const auto cancelled = read_watch_line(R"({"result":{"canceled":true,"cancel_reason":"\u0001"}})");
  CAF_CHECK_EQUAL(cancelled.detail, "no reason given");
  CAF_CHECK(!read_watch_refusal(200, R"({"header":{"revision":"1"}})").detail.empty());
}

CAF_TEST(hostile answers are unusable and nothing else) {
  std::vector<std::string> bad{"",
                               "{",
                               "null",
                               "[]",
                               "7",
                               "\"text\"",
                               "{}x",
                               std::string("{}\0", 3),
                               R"({"header":{"revision":"x"}})",
                               R"({"header":{"revision":"9223372036854775808"}})",
                               R"({"header":{"revision":1e3}})",
                               R"({"header":{"revision":" 1"}})",
                               R"({"header":{"revision":true}})",
                               R"({"header":[]})",
                               R"({"header":{"revision":"1"},"kvs":{}})",
                               R"({"header":{"revision":"1"},"kvs":[{}]})",
                               R"({"header":{"revision":"1"},"kvs":["x"]})",
                               R"({"header":{"revision":"1"},"kvs":[{"key":"YQ==","mod_revision":"-1"}]})",
                               R"({"header":{"revision":"1"},"kvs":[{"key":"Y","mod_revision":"1"}]})",
                               R"({"header":{"revision":"1"},"kvs":[{"key":7,"mod_revision":"1"}]})",
                               nested(100000, '[', ']'),
                               std::string(300, '[')};
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += R"({"result":)";
  bad.push_back(deep);
  for (const auto& body : bad) {
    for (const auto k : {kind::range, kind::commit, kind::grant, kind::keep_alive, kind::authenticate})
      CAF_CHECK(read_answer(k, 200, body).error == etcd_error::unusable);
    CAF_CHECK(read_watch_line(body).error == etcd_error::unusable);
  }
  for (const auto* line :
       {R"({"result":{"events":[{}]}})", R"({"result":{"events":[{"type":"PUT"}]}})",
        R"({"result":{"events":[{"type":"MOVE","kv":{"key":"YQ==","mod_revision":"1"}}]}})",
        R"({"result":{"events":{}}})", R"({"result":7})", R"({"what":1})"})
    CAF_CHECK(read_watch_line(line).error == etcd_error::unusable);
}

CAF_TEST(no mutation of a good answer crashes the reader) {
  test::dice random(4711);
  for (const std::string good : {good_range, good_changes})
    for (int i = 0; i < 3000; ++i) {
      auto text = good;
      for (int n = 0; n < 3; ++n) text[random.below(text.size())] = static_cast<char>(random.below(256));
      text.resize(random.below(8) == 0 ? random.below(text.size()) : text.size());
      for (const auto k : kinds) CAF_CHECK(read_answer(k, 200, text).keys.size() <= 1);
      CAF_CHECK(read_watch_line(text).changes.size() <= 2);
    }
}
