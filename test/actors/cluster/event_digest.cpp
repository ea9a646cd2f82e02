#define CAF_SUITE actors.cluster.event_digest
#include "test/support/unit_test.hpp"

#include "actors/cluster/event_digest.hpp"
#include "test/support/dice.hpp"

using namespace senseflow::actors;
using senseflow::messages::event_id;

namespace {

event_digest example() {
  return {0x0102030405060708,
          9,
          {{event_fate::published, {0xfffefdfcfbfaf9f8, 1}},
           {event_fate::published_late, {4, 4}},
           {event_fate::accepted, {2, 300}},
           {event_fate::abandoned, {3, 0x01020304}}}};
}

} // namespace

CAF_TEST(a digest is read as it was written) {
  const auto bytes = to_bytes(example());
  CAF_CHECK_EQUAL(bytes.size(), 17u + 4 * 13u);
  const auto x = read_digest(bytes);
  CAF_CHECK(x.fault == digest_fault::none);
  CAF_CHECK_EQUAL(x.digest.incarnation, example().incarnation);
  CAF_CHECK_EQUAL(x.digest.number, 9u);
  CAF_REQUIRE_EQUAL(x.digest.events.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    CAF_CHECK(x.digest.events[i].what == example().events[i].what);
    CAF_CHECK(x.digest.events[i].event == example().events[i].event);
  }
}

CAF_TEST(the bytes are those that other versions were told of) {
  const auto bytes = to_bytes({1, 2, {{event_fate::published, {3, 4}}}});
  CAF_CHECK_EQUAL(bytes, std::string("\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\1\0\0\0\0\0\0\0\3\0\0\0\4", 30));
}

CAF_TEST(what is no digest is told from one of another format) {
  CAF_CHECK(read_digest("").fault == digest_fault::malformed);
  CAF_CHECK(read_digest("\1").fault == digest_fault::malformed);
  CAF_CHECK(read_digest("\2").fault == digest_fault::other_format);
  CAF_CHECK(read_digest("{\"json\":1}").fault == digest_fault::other_format);
  const auto bytes = to_bytes(example());
  for (size_t n = 1; n < bytes.size(); ++n)
    CAF_CHECK((read_digest(bytes.substr(0, n)).fault == digest_fault::malformed) ==
              ((n < 17) || (n - 17) % 13 != 0));
  event_digest large{1, 1, std::vector<event_digest::entry>(event_digest::most_events + 1)};
  CAF_CHECK(read_digest(to_bytes(large)).fault == digest_fault::malformed);
}

CAF_TEST(whatever the bytes are no event comes of them that can not be) {
  senseflow::test::dice dice{42};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = to_bytes(example());
    for (int i = 0; i < 5; ++i) bytes[1 + dice.below(bytes.size() - 1)] = static_cast<char>(dice.below(256));
    const auto x = read_digest(bytes);
    CAF_CHECK(x.fault == digest_fault::none);
    for (const auto& e : x.digest.events) {
      CAF_CHECK(e.event.occurrence > 0);
      CAF_CHECK(e.what >= event_fate::published && e.what <= event_fate::abandoned);
    }
  }
}
