#define CAF_SUITE runtime.etcd.watch
#include "test/runtime/etcd/etcd_fixture.hpp"

#include "test/support/tcp_proxy.hpp"

using namespace senseflow;
using namespace senseflow::test;
using runtime::etcd_compare;
using runtime::etcd_operation;
using runtime::etcd_transaction;

namespace {

struct fixture {
  etcd_server server;
  etcd_caller etcd{options_for(server)};
  watch_log seen;

  std::unique_ptr<runtime::etcd_watch> watch(int64_t from, const std::string& prefix = "/w/") {
    return etcd.client->watch(prefix, from, seen.take());
  }
  /// So many keys, under the lease.
  void make_keys(int n, int64_t lease) {
    for (int i = 0; i < n;) {
      etcd_transaction x;
      for (; i < n && x.then.size() < 120; ++i)
        x.then.push_back(
            {etcd_operation::what::put, "/w/key" + std::to_string(i), std::string(60, 'v'), lease});
      CAF_REQUIRE(etcd.commit(x).succeeded);
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(watch, fixture)

CAF_TEST(changes come in order without a gap and the watch goes on after them) {
  CAF_CHECK(etcd.put("/w/old", "1").error == etcd_error::none);
  const auto at = etcd.range("/w/").revision;
  CAF_CHECK(etcd.put("/w/a", "1").error == etcd_error::none); // before the watch begins
  const auto w = watch(at + 1);
  CAF_REQUIRE(seen.wait_for_changes(1));
  CAF_CHECK(etcd.put("/v/other", "1").error == etcd_error::none);
  CAF_CHECK(etcd.put("/w/a", "2").error == etcd_error::none);
  etcd_transaction both{
      {}, {{etcd_operation::what::put, "/w/b", "3", 0}, {etcd_operation::what::erase, "/w/a", "", 0}}, {}};
  const auto last = etcd.commit(both).revision;
  CAF_REQUIRE(seen.wait_for_changes(4));
  const auto x = seen.now();
  CAF_CHECK_EQUAL(x.changes[0].now.key, "/w/a");
  CAF_CHECK_EQUAL(x.changes[1].now.value, "2");
  CAF_CHECK_EQUAL(x.changes[2].now.key, "/w/b");
  CAF_CHECK(x.changes[3].erased && x.changes[3].now.key == "/w/a");
  CAF_CHECK_EQUAL(x.events.back(), last);
  CAF_MESSAGE("a revision without changes here is told when it is certain");
  const auto other = etcd.put("/v/other", "2").revision;
  CAF_CHECK(seen.wait([&](const auto& s) { return s.revision >= other; }));
  CAF_CHECK(!seen.now().ended);
}

CAF_TEST(a quiet watch gives signs of life and a frozen etcd ends it) {
  const auto w = watch(1);
  CAF_CHECK(seen.wait_for_life(4));
  server.freeze();
  CAF_REQUIRE(seen.wait_for_end());
  CAF_CHECK(seen.now().error == etcd_error::unavailable);
  CAF_CHECK(contains(seen.now().detail, "silent"));
  server.thaw();
  watch_log again;
  const auto next = etcd.client->watch("/w/", 1, again.take());
  CAF_CHECK(again.wait_for_life());
}

CAF_TEST(a compacted start ends though etcd leaves the stream open) {
  for (int i = 0; i < 5; ++i) CAF_CHECK(etcd.put("/w/a", std::to_string(i)).error == etcd_error::none);
  const auto at = etcd.range("/w/").revision;
  const auto ahead = watch(at + 1);
  CAF_REQUIRE(seen.wait_for_life());
  server.ctl({"compaction", std::to_string(at)});
  watch_log late;
  const auto w = etcd.client->watch("/w/", 2, late.take());
  CAF_REQUIRE(late.wait_for_end());
  CAF_CHECK(late.now().error == etcd_error::compacted);
  CAF_CHECK(late.now().changes.empty());
  CAF_MESSAGE("one that had got everything is not hurt");
  CAF_CHECK(etcd.put("/w/a", "5").error == etcd_error::none);
  CAF_CHECK(seen.wait_for_changes(1));
  watch_log fresh;
  const auto x = etcd.client->watch("/w/", at + 1, fresh.take()); // right behind the compaction
  CAF_CHECK(fresh.wait_for_changes(1));
  CAF_CHECK(!late.now().after_the_end);
}

CAF_TEST(10000 deletions come in one event while leases are kept alive) {
  const auto lease = etcd.grant(600s).lease, other = etcd.grant(600s).lease;
  make_keys(10000, lease);
  const auto x = etcd.range("/w/");
  CAF_CHECK_EQUAL(x.keys.size(), 10000u);
  const auto w = watch(x.revision + 1);
  CAF_REQUIRE(seen.wait_for_life());
  CAF_CHECK(etcd.revoke(lease).error == etcd_error::none);
  CAF_CHECK(etcd.keep_alive(other).error == etcd_error::none);
  CAF_REQUIRE(seen.wait_for_changes(10000));
  const auto s = seen.now();
  CAF_CHECK_EQUAL(s.events.size(), 1u);
  CAF_CHECK(std::all_of(s.changes.begin(), s.changes.end(), [](const auto& c) { return c.erased; }));
  CAF_CHECK(!s.ended);
}

CAF_TEST(what etcd claims about its progress is not told before the changes) {
  for (int i = 0; i < 2500; ++i) {
    etcd_answers answers;
    const auto n = std::min(100, 2500 - i);
    for (int k = 0; k < n; ++k, ++i)
      etcd.client->commit(0, {{}, {{etcd_operation::what::put, "/w/a", std::to_string(i), 0}}, {}},
                          answers.take());
    --i;
    CAF_REQUIRE(answers.wait_for(static_cast<size_t>(n)));
  }
  struct told {
    std::mutex mutex;
    int64_t changes = 1, early = 0;
    size_t n = 0;
  };
  const auto t = std::make_shared<told>();
  const auto w = etcd.client->watch("/w/", 2, [t](runtime::etcd_watch_event x) {
    std::lock_guard lock(t->mutex);
    for (const auto& c : x.changes) t->changes = std::max(t->changes, c.now.mod_revision);
    t->n += x.changes.size();
    if (x.revision > t->changes) t->early = x.revision;
  });
  CAF_CHECK(eventually([&] {
    std::lock_guard lock(t->mutex);
    return t->n == 2500;
  }));
  CAF_CHECK_EQUAL(t->early, 0);
}

CAF_TEST(an etcd that is killed or stopped or cut off ends the watch) {
  tcp_proxy way(server.port());
  auto o = options_for(server);
  o.endpoints = {"http://127.0.0.1:" + std::to_string(way.port())};
  etcd_caller through(o);
  watch_log cut;
  const auto first = through.client->watch("/w/", 1, cut.take());
  const auto second = watch(1);
  CAF_REQUIRE(cut.wait_for_life());
  CAF_REQUIRE(seen.wait_for_life());
  way.cut();
  CAF_REQUIRE(cut.wait_for_end());
  CAF_CHECK(cut.now().error == etcd_error::unavailable);
  server.kill();
  CAF_REQUIRE(seen.wait_for_end());
  CAF_CHECK(seen.now().error == etcd_error::unavailable);
  server.start();
  watch_log third;
  const auto w = etcd.client->watch("/w/", 1, third.take());
  CAF_REQUIRE(third.wait_for_life());
  server.stop();
  CAF_REQUIRE(third.wait_for_end());
  CAF_CHECK(third.now().error == etcd_error::unavailable);
  watch_log nobody;
  const auto x = etcd.client->watch("/w/", 1, nobody.take());
  CAF_REQUIRE(nobody.wait_for_end());
  CAF_CHECK(nobody.now().error == etcd_error::unavailable);
}

CAF_TEST(a watch that is given up tells nothing more and its connection ends) {
  tcp_proxy way(server.port());
  auto o = options_for(server);
  o.endpoints = {"http://127.0.0.1:" + std::to_string(way.port())};
  etcd_caller through(o);
  auto w = through.client->watch("/w/", 1, seen.take());
  CAF_REQUIRE(seen.wait_for_life());
  w = nullptr;
  CAF_CHECK(eventually([&] { return way.connections() == 0; }));
  CAF_CHECK(!seen.now().ended);
  const auto changes = seen.now().changes.size();
  CAF_CHECK(etcd.put("/w/a", "1").error == etcd_error::none);
  CAF_CHECK_EQUAL(seen.now().changes.size(), changes);
}

CAF_TEST(more watches than there may be end at once) {
  std::vector<watch_log> logs(17);
  std::vector<std::unique_ptr<runtime::etcd_watch>> watches;
  for (auto& l : logs) watches.push_back(etcd.client->watch("/w/", 1, l.take()));
  CAF_REQUIRE(logs.back().wait_for_end());
  CAF_CHECK(logs.back().now().error == etcd_error::unavailable);
  for (size_t i = 0; i < 16; ++i) CAF_CHECK(logs[i].wait([](const auto& s) { return s.signs_of_life > 0; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
