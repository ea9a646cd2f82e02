#define CAF_SUITE actors.delivery.outbox.spool_tasks
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/spool_tasks.hpp"

using namespace senseflow;
using namespace senseflow::test;
using saved = outbox_item::saved;
using ids = std::vector<uint64_t>;

namespace {

struct tasks_and_item {
  actors::spool_tasks aut;
  outbox_item x = event();

  uint64_t at_risk(const std::vector<messages::spool_entry>& writes = {}) {
    return aut.at_risk({}, writes)[static_cast<size_t>(item_class::user_event)];
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_tasks_tests, tasks_and_item)

CAF_TEST(the oldest is written first and each once) {
  aut.write(3, 1);
  aut.write(1, 2);
  aut.write(3, 1);
  aut.write(2, 0);
  aut.need_not_write(2);
  CAF_CHECK(aut.next_write() == std::pair(uint64_t{1}, 2u));
  CAF_CHECK(aut.next_write() == std::pair(uint64_t{3}, 1u));
  CAF_CHECK(aut.nothing_to_write());
}

CAF_TEST(an item is at risk until it was written down) {
  aut.entered(x);
  CAF_CHECK_EQUAL(at_risk(), 1u);
  CAF_CHECK(!aut.written(x)); // nobody asked for it
  x.on_disk = saved::asked;
  CAF_CHECK_EQUAL(at_risk({{1, 0, 0, x.content}}), 0u);
  CAF_CHECK_EQUAL(at_risk(), 1u);
  CAF_CHECK(aut.written(x));
  CAF_CHECK_EQUAL(at_risk(), 0u);
  CAF_CHECK(aut.lost(x));
  CAF_CHECK_EQUAL(at_risk(), 1u);
  CAF_CHECK(!aut.lost(x));
}

CAF_TEST(what was not written may be asked for again) {
  aut.entered(x);
  x.on_disk = saved::asked;
  CAF_CHECK(aut.not_written(x));
  CAF_CHECK(x.on_disk == saved::no);
  CAF_CHECK(!aut.not_written(x));
  CAF_CHECK_EQUAL(at_risk(), 1u);
}

CAF_TEST(an item that ends is removed from disk if it is there) {
  aut.entered(x);
  aut.ended(1, x);
  CAF_CHECK(aut.nothing_to_remove());
  CAF_CHECK_EQUAL(at_risk(), 0u);
  x.on_disk = saved::yes;
  aut.ended(2, x);
  CAF_CHECK_EQUAL(aut.take_removes(), (ids{2}));
  CAF_CHECK(aut.nothing_to_remove());
}

CAF_TEST(removes that were not done come again unless the disk was lost) {
  aut.remove(1);
  aut.remove(2);
  auto asked = aut.take_removes();
  aut.remove(3);
  aut.remove_again(asked);
  CAF_CHECK_EQUAL(aut.take_removes(), (ids{3, 1, 2}));
  aut.remove(4);
  aut.forget_removes();
  CAF_CHECK(aut.nothing_to_remove());
}

CAF_TEST(what is at the sources is at risk too and state is not ) {
  actors::spool_tasks::by_class at_sources{};
  at_sources.fill(5);
  aut.entered(event());
  aut.entered(state());
  auto result = aut.at_risk(at_sources, {});
  CAF_CHECK_EQUAL(result[static_cast<size_t>(item_class::user_event)], 6u);
  CAF_CHECK_EQUAL(result[static_cast<size_t>(item_class::log_event)], 5u);
  CAF_CHECK_EQUAL(result[static_cast<size_t>(item_class::health)], 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
