#define CAF_SUITE actors.delivery.outbox.byte_budget
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/byte_budget.hpp"

using namespace senseflow;

CAF_TEST(it is half full and exceeded only above these amounts) {
  actors::byte_budget aut{1600, 80};
  aut.add(800);
  CAF_CHECK(!aut.half_full());
  aut.add(1);
  CAF_CHECK(aut.half_full());
  aut.add(799);
  CAF_CHECK(!aut.exceeded());
  aut.add(1);
  CAF_CHECK(aut.exceeded());
  aut.subtract(1601);
  CAF_CHECK_EQUAL(aut.used(), 0u);
}

CAF_TEST(without a disk it is congested above the watermark while a broker takes from it) {
  actors::byte_budget aut{1000, 80};
  aut.add(801);
  CAF_CHECK(aut.congested(false, true));
  CAF_CHECK(!aut.congested(false, false)); // the oldest give way
  CAF_CHECK(!aut.congested(true, true));
  aut.subtract(1);
  CAF_CHECK(!aut.congested(false, true));
}

CAF_TEST(with a disk it is congested while too much waits to be written down) {
  actors::byte_budget aut{1000, 80};
  aut.add_unwritten(401);
  CAF_CHECK(aut.congested(true, true));
  CAF_CHECK(aut.congested(true, false));
  aut.subtract_unwritten(1);
  CAF_CHECK(!aut.congested(true, true));
}

CAF_TEST(what is read back gets half of it and nearly all while the disk takes nothing) {
  actors::byte_budget aut{1600, 80};
  aut.add(700);
  CAF_CHECK_EQUAL(aut.room_to_read(true).value(), 100u);
  CAF_CHECK_EQUAL(aut.room_to_read(false).value(), 800u);
  aut.add(101);
  CAF_CHECK(!aut.room_to_read(true));
  CAF_CHECK(aut.room_to_read(false));
  aut.add(700);
  CAF_CHECK(!aut.room_to_read(false));
}

CAF_TEST(what waits to be written down leaves room to read) {
  actors::byte_budget aut{1600, 80};
  aut.add_unwritten(1400);
  CAF_CHECK(!aut.unwritten_blocks_reading());
  aut.add_unwritten(1);
  CAF_CHECK(aut.unwritten_blocks_reading());
}
