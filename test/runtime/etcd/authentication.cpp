#define CAF_SUITE runtime.etcd.authentication
#include "test/runtime/etcd/etcd_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr auto secret = "open sesame";

struct fixture {
  etcd_server server;

  runtime::etcd_options as(const std::string& user, const std::string& password) const {
    auto o = options_for(server);
    o.username = user;
    o.password = password;
    return o;
  }
  long logins() const { return calls_of(server, "Authenticate"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(authentication, fixture)

CAF_TEST(many calls authenticate once and a token that etcd has forgotten is renewed once) {
  server.enable_authentication(secret);
  etcd_caller etcd(as("root", secret));
  const auto before = logins();
  const auto many = [&] {
    etcd_answers answers;
    for (uint64_t i = 0; i < 100; ++i) etcd.client->range(i, "/a/", answers.take());
    CAF_REQUIRE(answers.wait_for(100));
    for (const auto& x : answers.all) CAF_CHECK(x.error == etcd_error::none);
  };
  many();
  CAF_CHECK_EQUAL(logins(), before + 1);
  watch_log first;
  const auto w = etcd.client->watch("/a/", 1, first.take());
  CAF_CHECK(first.wait_for_life());
  many();
  CAF_CHECK_EQUAL(logins(), before + 1);

  CAF_MESSAGE("etcd restarts: its counters begin anew");
  const auto lease = etcd.grant().lease;
  CAF_CHECK(etcd.put("/a/key", "value", lease).error == etcd_error::none);
  server.stop();
  server.start();
  CAF_CHECK(first.wait_for_end());
  watch_log second;
  const auto x = etcd.client->watch("/a/", 1, second.take()); // refused as if a permission were missing
  CAF_CHECK(second.wait_for_changes(1));
  CAF_CHECK_EQUAL(logins(), 1);
  many();
  CAF_CHECK_EQUAL(logins(), 1);
  CAF_CHECK(etcd.keep_alive(lease).error == etcd_error::none);

  CAF_MESSAGE("and again, with a hundred calls at once");
  CAF_CHECK(etcd.put("/b/key", "value").error == etcd_error::none); // else etcd would repeat the login
  server.stop();
  server.start();
  many();
  CAF_CHECK_EQUAL(logins(), 1);
  CAF_CHECK(etcd.revoke(lease).error == etcd_error::none);
  CAF_CHECK(etcd.range("/a/").keys.empty());
}

CAF_TEST(a wrong password is denied without asking etcd each time and shown nowhere) {
  server.enable_authentication(secret);
  etcd_caller etcd(as("root", "guessed"));
  const auto before = logins();
  for (int i = 0; i < 20; ++i) {
    const auto x = etcd.range("/");
    CAF_CHECK(x.error == etcd_error::denied);
    CAF_CHECK(contains(x.detail, "authentication failed"));
    CAF_CHECK(!contains(x.detail, "guessed"));
  }
  CAF_CHECK(logins() <= before + 3);
  watch_log seen;
  const auto w = etcd.client->watch("/", 1, seen.take());
  CAF_REQUIRE(seen.wait_for_end());
  CAF_CHECK(seen.now().error == etcd_error::denied);
}

CAF_TEST(without a user and without permission calls and watches are denied) {
  server.ctl({"user", "add", "reader:r"});
  server.ctl({"role", "add", "reading"});
  server.ctl({"role", "grant-permission", "reading", "--prefix=true", "read", "/r/"});
  server.ctl({"user", "grant-role", "reader", "reading"});
  server.enable_authentication(secret);
  etcd_caller stranger(options_for(server));
  const auto x = stranger.range("/r/");
  CAF_CHECK(x.error == etcd_error::denied);
  CAF_CHECK(contains(x.detail, "user and a password"));
  etcd_caller reader(as("reader", "r"));
  CAF_CHECK(reader.range("/r/").error == etcd_error::none);
  CAF_CHECK(reader.put("/r/key", "value").error == etcd_error::denied);
  CAF_CHECK(reader.range("/s/").error == etcd_error::denied);
  watch_log allowed, forbidden;
  const auto w = reader.client->watch("/r/", 1, allowed.take());
  const auto f = reader.client->watch("/s/", 1, forbidden.take());
  CAF_CHECK(allowed.wait_for_life());
  CAF_REQUIRE(forbidden.wait_for_end());
  CAF_CHECK(forbidden.now().error == etcd_error::denied);
  CAF_CHECK(contains(forbidden.now().detail, "permission denied"));
}

CAF_TEST(a user that etcd does not ask for is no hindrance and used once it does) {
  etcd_caller etcd(as("root", secret));
  CAF_CHECK(etcd.put("/k", "1").error == etcd_error::none);
  server.enable_authentication(secret);
  CAF_CHECK(etcd.put("/k", "2").error == etcd_error::none);
  CAF_CHECK_EQUAL(etcd.range("/k").keys.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
