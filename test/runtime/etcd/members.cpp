#define CAF_SUITE runtime.etcd.members
#include "test/runtime/etcd/etcd_fixture.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// Three members, all well at the beginning and the end of each test.
struct fixture {
  static etcd_server& server() {
    static etcd_server three({3});
    return three;
  }

  runtime::etcd_options all(std::chrono::milliseconds timeout = 500ms) const {
    return options_for(server(), timeout);
  }
  runtime::etcd_options only(size_t member, std::chrono::milliseconds timeout = 500ms) const {
    auto o = all(timeout);
    o.endpoints = {server().endpoint(member)};
    return o;
  }
  std::vector<size_t> others(size_t member) const {
    std::vector<size_t> result;
    for (size_t i = 0; i < 3; ++i)
      if (i != member) result.push_back(i);
    return result;
  }
  static bool works(etcd_caller& etcd) {
    return eventually([&] { return etcd.grant().error == etcd_error::none; }, 20s);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(members, fixture)

CAF_TEST(a frozen or killed member is passed over and a lease outlives the change of the leader) {
  const auto leader = server().leader();
  auto o = all();
  std::rotate(o.endpoints.begin(), o.endpoints.begin() + static_cast<std::ptrdiff_t>(leader),
              o.endpoints.end());
  etcd_caller etcd(o);
  CAF_REQUIRE(works(etcd));
  const auto lease = etcd.grant(10s).lease;
  CAF_CHECK(etcd.put("/m/key", "value", lease).error == etcd_error::none);
  watch_log seen;
  const auto w = etcd.client->watch("/m/", 1, seen.take());
  CAF_REQUIRE(seen.wait_for_changes(1));

  CAF_MESSAGE("the leader freezes");
  server().freeze(leader);
  CAF_CHECK(eventually([&] { return etcd.keep_alive(lease).error == etcd_error::none; }, 8s));
  CAF_REQUIRE(seen.wait_for_end());
  CAF_CHECK(seen.now().error == etcd_error::unavailable);
  watch_log again; // starts at an endpoint that answers
  const auto x = etcd.client->watch("/m/", seen.now().revision + 1, again.take());
  CAF_CHECK(again.wait_for_life());
  CAF_CHECK(etcd.put("/m/key", "next", lease).error == etcd_error::none);
  CAF_CHECK(again.wait_for_changes(1));
  server().thaw(leader);

  CAF_MESSAGE("another one dies");
  const auto next = server().leader();
  server().kill(next);
  CAF_CHECK(eventually([&] { return etcd.keep_alive(lease).error == etcd_error::none; }, 8s));
  CAF_CHECK_EQUAL(etcd.range("/m/").keys.size(), 1u);
  server().start(next);
  CAF_CHECK(works(etcd));
}

CAF_TEST(a transaction that got no answer in time may be done later) {
  const auto leader = server().leader();
  etcd_caller etcd(only(leader)), patient(all(5s));
  CAF_REQUIRE(works(etcd));
  for (auto i : others(leader)) server().freeze(i);
  const auto x = etcd.put("/late/key", "value"); // the leader has it in its log
  for (auto i : others(leader)) server().thaw(i);
  CAF_CHECK(x.error == etcd_error::unavailable);
  CAF_CHECK(eventually([&] { return patient.range("/late/").keys.size() == 1; }));
}

CAF_TEST(without a majority for longer than a lease lives calls are unavailable and watches end) {
  const auto leader = server().leader();
  etcd_caller etcd(only(leader)), everywhere(all());
  CAF_REQUIRE(works(etcd));
  const auto granted = everywhere.grant(2s);
  CAF_REQUIRE(granted.error == etcd_error::none);
  watch_log seen;
  const auto w = etcd.client->watch("/q/", 1, seen.take());
  CAF_REQUIRE(seen.wait_for_life());
  for (auto i : others(leader)) server().freeze(i);
  const auto until = runtime::boot_clock::now() + granted.ttl + 1s;
  do {
    CAF_CHECK(everywhere.keep_alive(granted.lease).error == etcd_error::unavailable ||
              runtime::boot_clock::now() < granted.sent + granted.ttl);
    CAF_CHECK(everywhere.put("/q/key", "value").error == etcd_error::unavailable);
  } while (runtime::boot_clock::now() < until);
  CAF_CHECK(seen.wait_for_end()); // its member is alive, but has no leader
  CAF_CHECK(seen.now().error == etcd_error::unavailable);
  for (auto i : others(leader)) server().thaw(i);
  CAF_CHECK(works(everywhere));
  const auto after = everywhere.keep_alive(granted.lease).error; // whoever leads now may have prolonged it
  CAF_CHECK(after == etcd_error::none || after == etcd_error::lease_lost || after == etcd_error::unavailable);
}

CAF_TEST_FIXTURE_SCOPE_END()
