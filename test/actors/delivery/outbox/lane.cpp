#define CAF_SUITE actors.delivery.outbox.lane
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/lane.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

const actors::outbox_lane::time_point now{1h};

/// 1 and 2 may be sent, 3 and 4 are on disk, 5 and 6 wait to be written down.
struct full_lane {
  full_lane() {
    for (uint64_t id : {1, 2}) aut.sendable.emplace(id, event());
    for (uint64_t id : {3, 4, 5, 6}) aut.to_write.emplace(id, event());
    for (int i = 0; i < 2; ++i) aut.stays_on_disk(aut.to_write.begin());
  }
  actors::outbox_lane aut;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(outbox_lane_tests, full_lane)

CAF_TEST(it finds what is in memory and nothing else) {
  for (uint64_t id : {1, 2, 5, 6}) CAF_CHECK(aut.find(id) != nullptr);
  for (uint64_t id : {0, 3, 4, 7}) CAF_CHECK(aut.find(id) == nullptr);
  CAF_CHECK_EQUAL(aut.waiting(), 4u);
  CAF_CHECK_EQUAL(aut.on_disk, 2u);
}

CAF_TEST(what comes back from disk has its place behind what may be sent) {
  CAF_CHECK(aut.reads_on_with(3));
  aut.read_back(3, event());
  CAF_CHECK(!aut.reads_on_with(3));
  CAF_CHECK(aut.reads_on_with(4));
  aut.read_back(4, event());
  CAF_CHECK_EQUAL(aut.sendable.size(), 4u);
  CAF_CHECK(!aut.reads_on_with(5)); // nothing more there
}

CAF_TEST(an entry whose commit is not answered is not read back) {
  CAF_CHECK(!aut.reads_on_with(5));
  CAF_CHECK(!aut.reads_on_with(7));
}

CAF_TEST(when nothing is on disk only what was to be written may be sent and is never read back) {
  for (uint64_t id : {3, 4}) aut.read_back(id, event());
  aut.may_be_sent(aut.to_write.begin());
  CAF_CHECK_EQUAL(aut.sendable.rbegin()->first, 5u);
  CAF_CHECK_EQUAL(aut.read_up_to, 5u);
  aut.stays_on_disk(aut.to_write.begin());
  CAF_CHECK(!aut.reads_on_with(5));
  CAF_CHECK(aut.reads_on_with(6));
}

CAF_TEST(only what is on disk only can be lost there) {
  aut.read_back(3, event());
  CAF_CHECK(!aut.lost_on_disk(3));
  CAF_CHECK(aut.lost_on_disk(4));
  CAF_CHECK(!aut.lost_on_disk(4));
  CAF_CHECK_EQUAL(aut.on_disk, 0u);
}

CAF_TEST(it wants to read while little may be sent and it is not held) {
  CAF_CHECK(aut.wants_to_read(now));
  aut.pause(event(), now + 1s);
  CAF_CHECK(!aut.wants_to_read(now));
  CAF_CHECK(aut.wants_to_read(now + 1s));
  aut.read_again = now + 2s;
  CAF_CHECK(!aut.wants_to_read(now + 1s));
  for (uint64_t id = 100; id < 400; ++id) aut.sendable.emplace(id, event());
  CAF_CHECK(!aut.wants_to_read(now + 2s));
}

CAF_TEST(a pause holds its kind back and gets no shorter) {
  aut.pause(event(), now + 2s);
  aut.pause(event(), now + 1s);
  CAF_CHECK(aut.hold_until == now + 2s);
  CAF_CHECK(aut.hold_states_until < now);
  aut.pause(state(), now + 1s);
  CAF_CHECK(aut.hold_states_until == now + 1s);
}

CAF_TEST(new events wait behind what may not be sent yet) {
  CAF_CHECK(aut.has_unsendable());
  aut = {};
  CAF_CHECK(!aut.has_unsendable());
  CAF_CHECK(!aut.has_events());
  CAF_CHECK(aut.nothing_sendable());
  aut.states.put(1, state());
  CAF_CHECK(!aut.has_events());
  CAF_CHECK(!aut.nothing_sendable());
  aut.sendable.emplace(2, event());
  CAF_CHECK(!aut.has_unsendable());
  CAF_CHECK(aut.has_events());
}

CAF_TEST_FIXTURE_SCOPE_END()
