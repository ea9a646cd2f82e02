#define CAF_SUITE actors.delivery.outbox.id_reserve
#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/id_reserve.hpp"

using senseflow::actors::id_reserve;

CAF_TEST(ids count up and the disk is told when half of the reserve is used up) {
  id_reserve aut{41};
  CAF_CHECK_EQUAL(aut.next(), 42u);
  const auto first = id_reserve{41}.limit();
  uint64_t told = 0;
  for (uint64_t i = 0; i < 3 * id_reserve::ahead; ++i) {
    const auto id = aut.next();
    if (told == 0 && id >= first) CAF_FAIL("an id the disk does not know of");
    if (!aut.due()) continue;
    CAF_CHECK(aut.limit() > id);
    aut.written(aut.limit());
    CAF_CHECK(!aut.due());
    ++told;
  }
  CAF_CHECK_EQUAL(told, 5u);
}

CAF_TEST(a new disk is told at once) {
  id_reserve aut{41};
  CAF_CHECK(!aut.due());
  aut.lost();
  CAF_CHECK(aut.due());
}
