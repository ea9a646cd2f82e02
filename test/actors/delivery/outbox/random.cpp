#define CAF_SUITE actors.delivery.outbox.random
#include "test/actors/delivery/outbox/random_store.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(outbox_random_tests, spooling_fixture)

CAF_TEST(at random nothing is lost and every origin keeps its order) {
  for (auto mode : {delivery_mode::overflow, delivery_mode::journal})
    for (uint32_t seed = 1; seed <= 30; ++seed) {
      options = {};
      options.mode = mode;
      options.max_bytes = seed % 2 == 0 ? 60'000 : 2'000'000;
      options.replay_delay = std::chrono::milliseconds(seed % 3 * 100);
      options.replay_rate = seed % 4 == 0 ? 2000 : 0;
      reset();
      start();
      chaos x{*this, std::mt19937{seed}, true};
      for (int i = 0; i < 3000; ++i) {
        x.step();
        if (i % 1000 == 999) x.restart();
      }
      everything_arrives(*this, x);
      topics recorded;
      for (const auto& [topic, what] : disk.topics) recorded.insert(topic);
      CAF_CHECK(recorded == x.state.configured);
    }
}

CAF_TEST(at random with a disk that hangs at times nothing is lost and every origin keeps its order) {
  uint64_t bypassed = 0;
  for (auto mode : {delivery_mode::overflow, delivery_mode::journal})
    for (uint32_t seed = 1; seed <= 30; ++seed) {
      options = {};
      options.mode = mode;
      options.max_bytes = 100'000'000; // or something would have to go
      options.replay_delay = 0ms;
      options.spool_patience = 1000ms;
      reset();
      start();
      chaos x{*this, std::mt19937{seed}, true, true};
      for (int i = 0; i < 3000; ++i) {
        x.step();
        if (i % 1000 == 999) {
          bypassed += aut->bypassed();
          x.restart();
        }
      }
      everything_arrives(*this, x);
    }
  CAF_MESSAGE(bypassed << " events went around the disk");
  CAF_CHECK(bypassed > 1000);
}

CAF_TEST(at random with a failing and a full disk every event is accounted for) {
  for (auto mode : {delivery_mode::overflow, delivery_mode::journal})
    for (uint32_t seed = 1; seed <= 30; ++seed) {
      options = {};
      options.mode = mode;
      options.max_bytes = 60'000;
      options.replay_delay = 0ms;
      reset();
      disk.max_entries = 200;
      start();
      chaos x{*this, std::mt19937{seed}, false, seed % 2 == 0};
      for (int i = 0; i < 3000; ++i) x.step();
      disk.broken = disk.full = false;
      aut->spool_lost(); // what it was asked in the end
      x.connect_all();
      for (int i = 0; i < 2000; ++i) {
        serve_disk();
        x.serve_all();
        now += 10ms;
      }
      CAF_CHECK(aut->empty());
      CAF_CHECK(x.state.holds());
      CAF_CHECK_EQUAL(aut->on_disk(), 0u);
      line();
      CAF_CHECK_EQUAL(seen.received, seen.published + seen.dropped_total());
      CAF_CHECK_EQUAL(x.arrived.size(), seen.published);
      CAF_CHECK_EQUAL(aut->bytes(), 0u);
    }
}

CAF_TEST(at random a stop with a disk that has failed and works again leaves everything on it) {
  for (auto mode : {delivery_mode::overflow, delivery_mode::journal})
    for (uint32_t seed = 1; seed <= 30; ++seed) {
      options = {};
      options.mode = mode;
      options.max_bytes = seed % 3 == 0 ? 60'000 : 2'000'000;
      options.replay_delay = 0ms;
      reset();
      start();
      chaos x{*this, std::mt19937{seed}, false, seed % 2 == 0};
      for (int i = 0; i < 3000; ++i) {
        x.step();
        if (i % 100 == 99) x.restart(); // and what was given up before is for want of memory
      }
    }
}

CAF_TEST_FIXTURE_SCOPE_END()
