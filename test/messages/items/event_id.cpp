#define CAF_SUITE messages.items.event_id
#include "test/support/unit_test.hpp"

#include "messages/items/event_id.hpp"

using namespace senseflow::messages;

CAF_TEST(an id is read as it was written) {
  for (const auto& x :
       {event_id{0, 1}, event_id{0x0123456789abcdef, 4294967295u}, event_id{~uint64_t{0}, 10}}) {
    const auto read = parse_event_id(to_text(x));
    CAF_REQUIRE(read);
    CAF_CHECK(*read == x);
  }
  CAF_CHECK_EQUAL(to_text({255, 12}), "00000000000000ff-12");
  CAF_CHECK_EQUAL(to_text({255, 0}), "");
}

CAF_TEST(what is no id is not taken for one) {
  for (const auto* bad :
       {"", "-", "00000000000000ff", "00000000000000ff-", "00000000000000ff-0", "00000000000000ff-01",
        "00000000000000FF-1", "00000000000000ff-4294967296", "00000000000000ff_1", "0000000000000ff-11",
        "00000000000000ff-1 ", "00000000000000ff--1", "g0000000000000ff-1"})
    CAF_CHECK(!parse_event_id(bad));
}
