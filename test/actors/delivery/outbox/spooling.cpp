#define CAF_SUITE actors.delivery.outbox.spooling
#include "test/actors/delivery/outbox/spooling.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(outbox_spooling_tests, spooling_fixture)

CAF_TEST(in overflow mode nothing is written down while the broker takes everything) {
  start();
  connect(1000);
  put_many(100);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 100));
  CAF_CHECK(disk.entries.empty());
  CAF_CHECK_EQUAL(line().published, 100u);
}

CAF_TEST(while the broker is away everything is written down and comes back in order) {
  start();
  connect(10);
  put_many(20);
  aut->take(0, now);
  disconnect();
  put_many(20);
  now += 1s;
  serve_disk();
  CAF_CHECK_EQUAL(disk.entries.size(), 40u);
  put_many(20);
  serve_disk();
  CAF_CHECK_EQUAL(disk.entries.size(), 60u);
  connect(10);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 60));
  serve_disk();
  CAF_CHECK(disk.entries.empty());
  CAF_CHECK(line().balanced());
  // And then the disk is left alone again.
  auto commits = disk.commits;
  put_many(5);
  CAF_CHECK_EQUAL(deliver(), numbers(61, 65));
  CAF_CHECK(disk.commits <= commits + 2); // the numbers of what is at risk
}

CAF_TEST(what does not fit into memory is on disk only and memory stays bounded) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 1000; ++i) {
    put("a", 1000);
    serve_disk();
    CAF_REQUIRE(aut->bytes() <= options.max_bytes);
  }
  CAF_CHECK(aut->on_disk() > 900);
  CAF_CHECK_EQUAL(line().in(runtime::place::disk), aut->on_disk());
  CAF_CHECK_EQUAL(disk.entries.size(), 1000u);
  connect();
  CAF_CHECK_EQUAL(deliver(), numbers(1, 1000));
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
  CAF_CHECK(line().dropped.empty());
}

CAF_TEST(events that come while a backlog is read back stay behind it) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 500; ++i) {
    put("a", 1000);
    serve_disk();
  }
  connect();
  std::vector<uint64_t> got;
  for (int i = 0; i < 2000 && got.size() < 700; ++i) {
    if (last_of["a"] < 700) put("a", 1000);
    now += 5ms;
    if (auto c = aut->next_commit(now)) aut->committed(disk.commit(*c), now);
    if (auto r = aut->next_read(now)) aut->loaded(disk.read(*r), now);
    std::vector<messages::settlement> done;
    for (const auto& x : aut->take(0, now)) {
      got.push_back(sequence(x));
      done.push_back({x.id, outcome::acknowledged, {}});
    }
    aut->settle(0, done, now);
  }
  CAF_CHECK_EQUAL(got, numbers(1, 700));
}

CAF_TEST(in journal mode nothing is sent before it was written down) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(3);
  CAF_CHECK(aut->take(0, now).empty());
  auto c = aut->next_commit(now += 5ms);
  CAF_REQUIRE(c);
  CAF_CHECK_EQUAL(c->writes.size(), 3u);
  CAF_CHECK(aut->take(0, now).empty());
  put_many(1);
  CAF_CHECK(!aut->next_commit(now += 5ms)); // one at a time
  aut->committed(disk.commit(*c), now);
  CAF_CHECK_EQUAL(aut->take(0, now).size(), 3u);
  CAF_CHECK_EQUAL(disk.at_risk[static_cast<size_t>(item_class::user_event)], 0u);
  c = aut->next_commit(now += 5ms);
  CAF_REQUIRE(c);
  CAF_CHECK_EQUAL(c->writes.size(), 1u);
}

CAF_TEST(what is acknowledged is removed from the journal) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(100);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 100));
  serve_disk();
  CAF_CHECK(disk.entries.empty());
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
}

CAF_TEST(a process that was killed leaves what was committed to the next one) {
  options.mode = delivery_mode::journal;
  start();
  connect(10);
  put_many(50);
  serve_disk();
  auto sent = aut->take(0, now);
  aut->settle(0, {{sent[0].id, outcome::acknowledged, {}}}, now);
  serve_disk();
  put_many(5); // never committed
  new_book();
  options.first_id = 1'000'000;
  start();
  aut->recover(disk.found());
  CAF_CHECK_EQUAL(line().recovered, 49u);
  put_many(1);
  connect(10);
  auto expected = numbers(2, 50);
  expected.push_back(56);
  CAF_CHECK_EQUAL(deliver(), expected);
  CAF_CHECK(line().balanced());
}

CAF_TEST(a disk that fails holds nothing up and is used again when it works) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  disk.broken = true;
  put_many(10);
  auto got = deliver();
  put_many(10);
  auto more = deliver();
  got.insert(got.end(), more.begin(), more.end());
  CAF_CHECK_EQUAL(got, numbers(1, 20));
  CAF_CHECK_EQUAL(aut->bypassed(), 20u);
  disk.broken = false;
  now += 1s;
  serve_disk();
  put_many(10);
  CAF_CHECK(aut->take(0, now).empty());
  CAF_CHECK_EQUAL(deliver(), numbers(21, 30));
  CAF_CHECK_EQUAL(aut->bypassed(), 20u);
  CAF_CHECK(line().balanced());
}

CAF_TEST(events behind a backlog on a disk that can not be written keep their order) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
  }
  disk.broken = true;
  for (int i = 0; i < 20; ++i) put("a", 1000);
  connect();
  CAF_CHECK_EQUAL(deliver(), numbers(1, 320));
  CAF_CHECK(line().balanced());
}

CAF_TEST(a damaged disk costs what was only there and the rest goes on) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
  }
  auto only_there = aut->on_disk();
  disk.damage_next = true;
  put_many(1);
  serve_disk();
  CAF_CHECK_EQUAL(line().dropped["spool_damaged"], only_there);
  connect();
  CAF_CHECK_EQUAL(deliver().size(), 301 - only_there);
  CAF_CHECK(line().balanced());
}

CAF_TEST(when the disk is full the oldest on it go and are counted) {
  options.max_bytes = 100'000;
  disk.max_entries = 100;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
  }
  auto dropped = line().dropped["spool_full"];
  CAF_CHECK(dropped > 100);
  connect();
  CAF_CHECK_EQUAL(deliver().size(), 300 - dropped);
  CAF_CHECK(line().balanced());
}

CAF_TEST(without a working disk and a broker memory is the bound) {
  options.max_bytes = 100'000;
  disk.broken = true;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
    CAF_REQUIRE(aut->bytes() <= options.max_bytes + 2000);
  }
  CAF_CHECK(line().dropped["memory_full"] > 100);
  CAF_CHECK(line().balanced());
}

CAF_TEST(a disk slower than the sources holds them back) {
  options.mode = delivery_mode::journal;
  options.max_bytes = 100'000;
  start();
  connect();
  int n = 0;
  while (!aut->congested()) {
    put("a", 1000);
    CAF_REQUIRE(++n < 200);
  }
  CAF_CHECK(aut->bytes() <= options.max_bytes);
  serve_disk();
  CAF_CHECK(!aut->congested());
  CAF_CHECK_EQUAL(deliver().size(), static_cast<size_t>(n));
}

CAF_TEST(a full disk is emptied while what it does not take waits behind that) {
  for (int more : {30, 500}) {
    options.max_bytes = 100'000;
    reset();
    start();
    for (int i = 0; i < 300; ++i) {
      put("a", 1000);
      serve_disk();
    }
    disk.full = true;
    for (int i = 0; i < more; ++i) {
      put("a", 1000);
      serve_disk();
    }
    CAF_CHECK(!aut->spool_works());
    CAF_CHECK(aut->bytes() <= options.max_bytes);
    connect();
    auto got = deliver();
    CAF_CHECK(std::is_sorted(got.begin(), got.end()));
    CAF_CHECK_EQUAL(got.size() + line().dropped["memory_full"], static_cast<size_t>(300 + more));
    if (more == 30) CAF_CHECK_EQUAL(got, numbers(1, 330));
    serve_disk();
    CAF_CHECK(disk.entries.empty());
    CAF_CHECK(aut->empty());
  }
}

CAF_TEST(a spool that was restarted is asked again and nothing happens twice) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(5);
  auto first = aut->next_commit(now += 5ms);
  disk.commit(*first); // done, but the answer is lost
  aut->spool_lost();
  auto again = aut->next_commit(now += 5ms);
  CAF_REQUIRE(again);
  CAF_CHECK(*again == *first);
  aut->committed(disk.commit(*again), now);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 5));
}

CAF_TEST(what an earlier process wrote is as old as the wall clocks of both say if that can be) {
  struct {
    int64_t step; ///< of the wall clock between the processes, in s
    bool expires;
  } const cases[] = {{0, false}, {50, false}, {70, true}, {-1'000'000, false}};
  for (const auto& x : cases) {
    reset();
    options.mode = delivery_mode::journal;
    auto wall = int64_t{1'700'000'000'000};
    options.unix_ms = [&] { return wall; };
    options.first_id = 1;
    start();
    put_expiring(60);
    serve_disk();
    CAF_CHECK_EQUAL(disk.entries.size(), 1u);
    wall += x.step * 1000;
    options.first_id = disk.ids_below;
    new_book();
    start();
    aut->recover(disk.found());
    connect();
    CAF_CHECK_EQUAL(deliver().size(), x.expires ? 0u : 1u);
  }
}

CAF_TEST(what was written and read back by this process is as old as it is) {
  options.max_bytes = 4000;
  auto wall = int64_t{1'700'000'000'000};
  options.unix_ms = [&] { return wall; };
  start();
  now += 2s;
  for (int i = 0; i < 100; ++i) put_expiring(60);
  serve_disk();
  CAF_CHECK_GREATER(aut->on_disk(), 10u);
  wall += 1'000'000'000;
  now += 30s;
  connect();
  CAF_CHECK_EQUAL(deliver().size(), 100u);
  CAF_CHECK(line().dropped.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
