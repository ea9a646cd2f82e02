#define CAF_SUITE actors.delivery.outbox.contents
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/contents.hpp"
#include "test/support/sound_ledger.hpp"

using namespace senseflow;
using namespace senseflow::test;
using runtime::place;

namespace {

struct contents_fixture {
  static inline const uint64_t size = messages::footprint(*event().content);

  runtime::ledger book;
  actors::outbox_contents aut{book, actors::byte_budget{10 * size, 80}};
  uint64_t last_id = 0;
  runtime::ledger_line seen;

  ~contents_fixture() {
    if (const auto wrong = unsound(book); !wrong.empty()) CAF_ERROR(wrong);
  }

  outbox_item received(outbox_item x) {
    book.received(x.content->cls, x.content->origin.view());
    aut.enters(x);
    return x;
  }
  uint32_t lane(const outbox_item& x) { return aut.lane_of(*x.content); }
  void put(outbox_item x) { aut.put(++last_id, lane(x), received(x)); }
  void put_unwritten(outbox_item x) { aut.put_unwritten(++last_id, lane(x), received(x)); }
  /// The first event of this origin's lane.
  void send(const std::string& origin = "a") {
    auto n = lane(event("", origin));
    auto& q = aut.lanes[n].sendable;
    aut.send(0, n, q.extract(q.begin()), {});
  }
  auto on_way(uint64_t id) { return aut.on_way.items().find(id); }
  void connect() { aut.on_way.state_of({0, true, false, 100, {}}); }

  /// As it is now; lives until the next call, because checks keep references.
  runtime::ledger_line& line(item_class c = item_class::user_event) {
    seen = book.snapshot()[static_cast<size_t>(c)];
    return seen;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(outbox_contents_tests, contents_fixture)

CAF_TEST(an event waits then is on its way and then is published) {
  connect();
  put(event());
  CAF_CHECK_EQUAL(aut.waiting(), 1u);
  CAF_CHECK_EQUAL(aut.budget.used(), size);
  CAF_CHECK_EQUAL(line().in(place::memory), 1u);
  send();
  CAF_CHECK_EQUAL(aut.waiting(), 0u);
  CAF_CHECK_EQUAL(aut.budget.used(), size);
  CAF_CHECK_EQUAL(line().in(place::flight), 1u);
  aut.published(on_way(1), true);
  CAF_CHECK_EQUAL(aut.budget.used(), 0u);
  CAF_CHECK_EQUAL(line().acknowledged, 1u);
  CAF_CHECK(line().balanced());
}

CAF_TEST(what comes back waits in its old place and is found wherever it is) {
  connect();
  put(event("1"));
  put(event("2"));
  send();
  CAF_CHECK_EQUAL(payload(*aut.find(1, lane(event()))), "1");
  aut.take_back(on_way(1), true);
  CAF_CHECK_EQUAL(payload(*aut.find(1, lane(event()))), "1");
  CAF_CHECK_EQUAL(aut.lanes[lane(event())].sendable.begin()->first, 1u);
  CAF_CHECK_EQUAL(line().repeated, 1u);
  send();
  aut.take_back(on_way(1), false);
  CAF_CHECK_EQUAL(line().repeated, 1u);
  CAF_CHECK_EQUAL(line().in(place::memory), 2u);
  CAF_CHECK(aut.find(3, lane(event())) == nullptr);
}

CAF_TEST(what the broker refuses is dropped and removed from disk) {
  connect();
  put(event());
  aut.find(1, lane(event()))->on_disk = outbox_item::saved::yes;
  send();
  aut.drop(on_way(1), "too_large");
  CAF_CHECK_EQUAL(line().dropped["too_large"], 1u);
  CAF_CHECK(line().balanced());
  CAF_CHECK_EQUAL(aut.tasks.take_removes(), (std::vector<uint64_t>{1}));
}

CAF_TEST(what has ended is no suspect any more) {
  connect();
  put(event());
  send();
  auto& x = on_way(1)->second.what;
  x.returns = 6;
  CAF_CHECK(aut.suspected.judge(1, x, {}) == actors::suspects::verdict::suspected);
  auto same = x;
  aut.published(on_way(1), true); // so something got through
  CAF_CHECK(aut.suspected.judge(1, same, {}) == actors::suspects::verdict::suspected);
}

CAF_TEST(state that is superseded is dropped and weighs nothing) {
  put(state("old"));
  put(state("new"));
  CAF_CHECK_EQUAL(aut.waiting(), 1u);
  CAF_CHECK_EQUAL(aut.budget.used(), messages::footprint(*state("new").content));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  aut.drop_state(aut.lanes[lane(state())], "expired");
  CAF_CHECK_EQUAL(aut.budget.used(), 0u);
  CAF_CHECK_EQUAL(line(item_class::health).dropped["expired"], 1u);
  CAF_CHECK(line(item_class::health).balanced());
}

CAF_TEST(what waits to be written down is a task until it is dropped) {
  put_unwritten(event());
  CAF_CHECK(!aut.tasks.nothing_to_write());
  auto& l = aut.lanes[lane(event())];
  aut.drop(l, l.to_write, "memory_full");
  CAF_CHECK(aut.tasks.nothing_to_write());
  CAF_CHECK_EQUAL(aut.waiting(), 0u);
  CAF_CHECK_EQUAL(aut.budget.used(), 0u);
  CAF_CHECK(line().balanced());
}

CAF_TEST(above the budget the oldest events of all lanes go) {
  std::string other = "b";
  while (lane(event("x", other)) == lane(event())) ++other[0];
  put(state()); // stays: the next one replaces it
  for (int i = 0; i < 5; ++i) {
    put(event());
    put(event("x", other));
  }
  aut.drop_surplus();
  auto left = 10 - line().dropped["memory_full"];
  CAF_CHECK(!aut.budget.exceeded());
  CAF_CHECK_EQUAL(aut.waiting(), left + 1);
  CAF_CHECK(aut.find(2, lane(event())) == nullptr); // the oldest event
  CAF_CHECK(aut.find(11, lane(event("x", other))) != nullptr);
  CAF_CHECK(line().balanced());
}

CAF_TEST(what can not be written down leaves room for what is read back) {
  for (int i = 0; i < 10; ++i) put_unwritten(event());
  aut.drop_surplus();
  CAF_CHECK_EQUAL(aut.waiting(), 10u);
  aut.lanes[0].on_disk = 1;
  aut.drop_surplus();
  CAF_CHECK_EQUAL(aut.waiting(), 8u);
  CAF_CHECK_EQUAL(aut.on_disk(), 1u);
  CAF_CHECK_EQUAL(line().dropped["memory_full"], 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
