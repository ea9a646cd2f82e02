#define CAF_SUITE runtime.etcd.client
#include "test/runtime/etcd/etcd_fixture.hpp"

#include "test/support/tcp_proxy.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>

using namespace senseflow;
using namespace senseflow::test;
using runtime::etcd_compare;
using runtime::etcd_operation;
using runtime::etcd_transaction;

namespace {

/// One for the whole suite; tests use keys of their own.
etcd_server& server() {
  static etcd_server one;
  return one;
}

etcd_transaction create(const std::string& key, const std::string& value, int64_t lease) {
  return {{{etcd_compare::what::created, key, 0}},
          {{etcd_operation::what::put, key, value, lease}},
          {{etcd_operation::what::read, key, "", 0}}};
}

} // namespace

CAF_TEST(a lease is granted kept alive and revoked and its loss is known though etcd answers 200) {
  etcd_caller etcd(options_for(server()));
  const auto before = runtime::boot_clock::now();
  const auto granted = etcd.grant(60s);
  CAF_REQUIRE(granted.error == etcd_error::none);
  CAF_CHECK(granted.lease != 0);
  CAF_CHECK_EQUAL(granted.ttl.count(), 60);
  CAF_CHECK(granted.sent >= before && granted.sent <= runtime::boot_clock::now());
  const auto kept = etcd.keep_alive(granted.lease);
  CAF_CHECK(kept.error == etcd_error::none);
  CAF_CHECK_EQUAL(kept.lease, granted.lease);
  CAF_CHECK_EQUAL(kept.ttl.count(), 60);
  CAF_CHECK(kept.sent > granted.sent);
  CAF_CHECK(etcd.revoke(granted.lease).error == etcd_error::none);
  CAF_CHECK(etcd.keep_alive(granted.lease).error == etcd_error::lease_lost);
  CAF_CHECK(etcd.revoke(granted.lease).error == etcd_error::none); // it is gone: what was wanted
}

CAF_TEST(a time to live that is too short is told as the longer one that counts) {
  etcd_caller etcd(options_for(server()));
  const auto granted = etcd.grant(0s);
  if (granted.error == etcd_error::none) CAF_CHECK(granted.ttl.count() > 0);
  CAF_CHECK(granted.error == etcd_error::none || granted.error == etcd_error::refused);
}

CAF_TEST(of those that create a key one wins and the others read who it was) {
  etcd_caller etcd(options_for(server()));
  const auto lease = etcd.grant().lease;
  etcd_answers answers;
  for (uint64_t i = 0; i < 8; ++i)
    etcd.client->commit(i, create("/create/key", std::to_string(i), lease), answers.take());
  CAF_REQUIRE(answers.wait_for(8));
  std::string winner;
  for (const auto& x : answers.all) {
    CAF_CHECK(x.error == etcd_error::none);
    if (x.succeeded) {
      CAF_CHECK(winner.empty());
      winner = std::to_string(x.id);
    }
  }
  for (const auto& x : answers.all)
    if (!x.succeeded) {
      CAF_REQUIRE_EQUAL(x.keys.size(), 1u);
      CAF_CHECK_EQUAL(x.keys[0].value, winner);
      CAF_CHECK_EQUAL(x.keys[0].lease, lease);
      CAF_CHECK_EQUAL(x.keys[0].create_revision, x.keys[0].mod_revision);
    }
}

CAF_TEST(a key is handed to another lease which it then lives by) {
  etcd_caller etcd(options_for(server()));
  const auto mine = etcd.grant().lease, yours = etcd.grant().lease;
  const auto claimed = etcd.commit(create("/hand/key", "mine", mine));
  CAF_REQUIRE(claimed.succeeded);
  const etcd_transaction hand{{{etcd_compare::what::modified, "/hand/key", claimed.revision}},
                              {{etcd_operation::what::put, "/hand/key", "yours", yours}},
                              {}};
  CAF_CHECK(etcd.commit(hand).succeeded);
  CAF_CHECK(!etcd.commit(hand).succeeded); // a late repetition does nothing
  CAF_CHECK(etcd.revoke(mine).error == etcd_error::none);
  const auto keys = etcd.range("/hand/").keys;
  CAF_REQUIRE_EQUAL(keys.size(), 1u);
  CAF_CHECK_EQUAL(keys[0].value, "yours");
  CAF_CHECK_EQUAL(keys[0].lease, yours);
  CAF_CHECK(keys[0].mod_revision > keys[0].create_revision);
  CAF_CHECK(etcd.revoke(yours).error == etcd_error::none);
  CAF_CHECK(etcd.range("/hand/").keys.empty());
  CAF_CHECK(etcd.put("/hand/key", "again", mine).error == etcd_error::lease_lost);
}

CAF_TEST(keys and values are bytes and a range has those of its prefix by key) {
  etcd_caller etcd(options_for(server()));
  const std::string odd("/bytes/\0\xff\n", 10);
  CAF_CHECK(etcd.put("/bytes/b", "").error == etcd_error::none);
  CAF_CHECK(etcd.put("/bytes0", "not in it").error == etcd_error::none);
  CAF_CHECK(etcd.put(odd, odd).error == etcd_error::none);
  const auto x = etcd.range("/bytes/");
  CAF_REQUIRE_EQUAL(x.keys.size(), 2u);
  CAF_CHECK(x.keys[0].key == odd && x.keys[0].value == odd);
  CAF_CHECK(x.keys[1].key == "/bytes/b" && x.keys[1].value.empty());
  CAF_CHECK_EQUAL(x.revision, x.keys[0].mod_revision);
  const auto erased = etcd.commit({{}, {{etcd_operation::what::erase, odd, "", 0}}, {}});
  CAF_CHECK(erased.succeeded);
  CAF_CHECK_EQUAL(etcd.range("/bytes/").keys.size(), 1u);
}

CAF_TEST(120 operations go through and what etcd does not take is refused in its words) {
  etcd_caller etcd(options_for(server()));
  etcd_transaction x;
  for (int i = 0; i < 120; ++i) {
    const auto key = "/many/" + std::to_string(i);
    x.if_all.push_back({etcd_compare::what::created, key, 0});
    x.then.push_back({etcd_operation::what::put, key, "v", 0});
  }
  CAF_CHECK(etcd.commit(x).succeeded);
  CAF_CHECK_EQUAL(etcd.range("/many/").keys.size(), 120u);
  etcd_transaction twice{
      {}, {{etcd_operation::what::put, "/t", "1", 0}, {etcd_operation::what::put, "/t", "2", 0}}, {}};
  const auto refused = etcd.commit(twice);
  CAF_CHECK(refused.error == etcd_error::refused);
  CAF_CHECK_EQUAL(refused.detail, server().endpoint() + ": etcdserver: duplicate key given in txn request");
  CAF_CHECK(etcd.put("/large", std::string(2u << 20, 'x')).error == etcd_error::refused);
  CAF_CHECK(etcd.alarms().error == etcd_error::none);
}

CAF_TEST(more calls than can be under way are unavailable at once and all are answered once) {
  etcd_caller etcd(options_for(server()));
  etcd_answers answers;
  constexpr size_t n = 2000;
  for (size_t i = 0; i < n; ++i) etcd.client->range(i, "/many/", answers.take());
  CAF_REQUIRE(answers.wait_for(n));
  std::vector<int> seen(n);
  size_t good = 0;
  for (const auto& x : answers.all) {
    ++seen.at(x.id);
    good += x.error == etcd_error::none ? 1 : 0;
    CAF_CHECK(x.error == etcd_error::none || x.error == etcd_error::unavailable);
  }
  CAF_CHECK(std::all_of(seen.begin(), seen.end(), [](int x) { return x == 1; }));
  CAF_CHECK(good >= 256);
}

CAF_TEST(nobody there is unavailable and a time out comes in time) {
  tcp_proxy silent(server().port());
  silent.freeze();
  auto o = options_for(server(), 300ms);
  o.endpoints = {"http://127.0.0.1:" + std::to_string(silent.port())};
  etcd_caller frozen(o);
  const auto began = std::chrono::steady_clock::now();
  const auto late = frozen.range("/");
  const auto took = std::chrono::steady_clock::now() - began;
  CAF_CHECK(late.error == etcd_error::unavailable);
  CAF_CHECK(contains(late.detail, "no answer within"));
  CAF_CHECK(took >= 290ms && took < 3s * slowdown);
  o.endpoints = {"http://127.0.0.1:1"};
  CAF_CHECK(etcd_caller(o).range("/").error == etcd_error::unavailable);
  o.endpoints = {"no endpoint"};
  CAF_CHECK(contains(etcd_caller(o).range("/").detail, "no http(s)://host:port"));
  o.endpoints = {};
  CAF_CHECK(etcd_caller(o).range("/").error == etcd_error::unavailable);
}

CAF_TEST(proxies that the environment names are not used) {
  const auto proxy = "http://127.0.0.1:1";
  for (const auto* name : {"http_proxy", "all_proxy"}) ::setenv(name, proxy, 1);
  etcd_caller etcd(options_for(server()));
  CAF_CHECK(etcd.grant().error == etcd_error::none);
  for (const auto* name : {"http_proxy", "all_proxy"}) ::unsetenv(name);
}

CAF_TEST(a keep alive does not wait behind other calls) {
  tcp_proxy way(server().port());
  auto o = options_for(server());
  o.endpoints = {"http://127.0.0.1:" + std::to_string(way.port())};
  etcd_caller etcd(o);
  const auto lease = etcd.grant().lease;
  way.freeze();
  std::atomic<int> before{-1}, done{0};
  for (uint64_t i = 0; i < 200; ++i) etcd.client->range(i, "/many/", [&](auto) { ++done; });
  etcd.client->keep_alive(1, lease, [&](auto) { before = done.load(); });
  way.thaw();
  CAF_CHECK(eventually([&] { return done == 200 && before >= 0; }));
  CAF_CHECK(before < 100);
}

CAF_TEST(a client that goes drops what is under way and may be released by a completion) {
  tcp_proxy silent(server().port());
  auto o = options_for(server());
  o.endpoints = {"http://127.0.0.1:" + std::to_string(silent.port())};
  silent.freeze();
  auto client = runtime::make_etcd_client(o);
  std::atomic<bool> called{false};
  client->range(1, "/", [&](auto) { called = true; });
  CAF_CHECK(eventually([&] { return silent.accepted() == 1; }));
  const auto began = std::chrono::steady_clock::now();
  client = nullptr;
  CAF_CHECK(std::chrono::steady_clock::now() - began < 2s * slowdown);
  CAF_CHECK(!called);

  auto own = std::make_shared<std::shared_ptr<runtime::etcd_client>>(
      runtime::make_etcd_client(options_for(server())));
  const auto released = std::make_shared<std::atomic<bool>>(false);
  (*own)->range(1, "/", [own, released](auto) {
    *own = nullptr;
    *released = true;
  });
  CAF_CHECK(eventually([&] { return released->load(); }));
}
