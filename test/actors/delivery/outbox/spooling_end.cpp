#define CAF_SUITE actors.delivery.outbox.spooling_end
#include "test/actors/delivery/outbox/spooling.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(outbox_spooling_end_tests, spooling_fixture)

CAF_TEST(at the end everything is on disk and state is dropped) {
  start();
  connect(10);
  put_many(30);
  aut->take(0, now);
  messages::publication state;
  state.cls = item_class::health;
  state.replaces = "s";
  state.messages.push_back({"t", "p", 0, false, 0});
  messages::encoded_batch b;
  b.id = {2, 1};
  b.publications.emplace_back(state);
  book->received(item_class::health, "");
  aut->accept(b, now);
  aut->end([&](const auto& x) { return disk.commit(x); });
  CAF_CHECK_EQUAL(disk.entries.size(), 30u);
  CAF_CHECK_EQUAL(line().in(runtime::place::disk), 30u);
  CAF_CHECK(line().balanced());
  CAF_CHECK(aut->empty());
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
  CAF_CHECK_EQUAL(disk.at_risk[static_cast<size_t>(item_class::user_event)], 0u);
  seen = book->snapshot()[static_cast<size_t>(item_class::health)];
  CAF_CHECK_EQUAL(seen.dropped["shutdown"], 1u);
  new_book();
  options.first_id = 1000;
  start();
  aut->recover(disk.found());
  connect();
  CAF_CHECK_EQUAL(deliver(), numbers(1, 30));
}

CAF_TEST(at the end what was written to a disk that has been taken away is written to the new one) {
  start();
  put_many(5);
  for (int i = 0; i < 2; ++i) { // nobody is there for more than a second
    now += 1s;
    serve_disk();
  }
  CAF_CHECK_EQUAL(disk.entries.size(), 5u);
  disk.damage_next = true;
  aut->end([&](const messages::spool_commit& x) { return disk.commit(x); });
  CAF_CHECK_EQUAL(disk.entries.size(), 5u);
  CAF_CHECK_EQUAL(line().in(runtime::place::disk), 5u);
  CAF_CHECK_EQUAL(line().dropped_total(), 0u);
}

CAF_TEST(at the end a disk that works again takes all whatever it was asked before) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(10);
  serve_disk();
  const auto sent = aut->take(0, now);
  CAF_REQUIRE_EQUAL(sent.size(), 10u);
  disk.full = true;
  put_many(20);
  serve_disk();
  CAF_REQUIRE(!aut->spool_works());
  for (size_t i = 0; i < 5; ++i) aut->settle(0, {{sent[i].id, outcome::acknowledged, {}}}, now);
  const auto asked = aut->next_commit(now += 200ms); // a full disk is asked to remove what has arrived
  CAF_REQUIRE(asked);
  CAF_CHECK(asked->writes.empty() && !asked->removes.empty());
  disk.full = false;
  aut->end([&](const auto& x) { return disk.commit(x); });
  CAF_CHECK(line().dropped.empty());
  CAF_CHECK_EQUAL(line().in(runtime::place::disk), 25u);
  CAF_CHECK_EQUAL(disk.entries.size(), 25u);
}

CAF_TEST(at the end a file that turns out to be damaged is replaced by one that takes all) {
  start();
  put_many(5);
  auto asked = 0;
  aut->end([&](const auto& x) {
    disk.damage_next = ++asked == 2;
    return disk.commit(x);
  });
  CAF_CHECK(line().dropped.empty());
  CAF_CHECK_EQUAL(disk.entries.size(), 5u);
}

CAF_TEST(at the end what a silent disk has been asked to take may be there and the rest is not ) {
  options.mode = delivery_mode::journal;
  start();
  put_many(10);
  CAF_REQUIRE(aut->next_commit(now += 5ms));
  put_many(20);
  size_t asked = 0;
  aut->end([&](const messages::spool_commit& x) {
    ++asked;
    messages::spool_committed answer;
    answer.number = x.number;
    answer.status = spool_status::unanswered;
    return answer;
  });
  CAF_CHECK_EQUAL(asked, 1u); // another question would take the place of one that waits
  CAF_CHECK_EQUAL(line().dropped["unconfirmed"], 10u);
  CAF_CHECK_EQUAL(line().dropped["shutdown"], 20u);
  CAF_CHECK(line().balanced());
}

CAF_TEST(at the end what a broken disk does not take is dropped and counted) {
  start();
  put_many(30);
  disk.broken = true;
  aut->end([&](const auto& x) { return disk.commit(x); });
  CAF_CHECK_EQUAL(line().dropped["shutdown"], 30u);
  CAF_CHECK(line().balanced());
}

CAF_TEST_FIXTURE_SCOPE_END()
