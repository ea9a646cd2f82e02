#define CAF_SUITE actors.ingest.rejection_log
#include "test/support/unit_test.hpp"

#include "actors/ingest/rejection_log.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using actors::rejection_log;

namespace {

const rejection_log::time_point t0{1000s};

} // namespace

CAF_TEST(each sender and reason gets a line of its own) {
  rejection_log aut;
  CAF_CHECK(aut.note("192.0.2.1", "unknown_source", t0) == 0u);
  CAF_CHECK(aut.note("192.0.2.2", "unknown_source", t0) == 0u);
  CAF_CHECK(aut.note("192.0.2.1", "too_large", t0) == 0u);
  CAF_CHECK(!aut.note("192.0.2.1", "too_large", t0 + 1s));
}

CAF_TEST(further lines come every ten minutes and count what was not told) {
  rejection_log aut;
  CAF_CHECK(aut.note("192.0.2.1", "unknown_source", t0) == 0u);
  for (int i = 0; i < 5; ++i) CAF_CHECK(!aut.note("192.0.2.1", "unknown_source", t0 + 9min));
  CAF_CHECK(aut.note("192.0.2.1", "unknown_source", t0 + 10min) == 5u);
  CAF_CHECK(!aut.note("192.0.2.1", "unknown_source", t0 + 11min));
}

CAF_TEST(many senders get a few lines a minute and little memory) {
  rejection_log aut{{10min, 3, 4}};
  auto lines = [&](rejection_log::time_point now, int first, int n) {
    int result = 0;
    for (int i = first; i < first + n; ++i)
      if (aut.note("192.0.2." + std::to_string(i), "unknown_source", now)) ++result;
    return result;
  };
  CAF_CHECK_EQUAL(lines(t0, 0, 200), 3);
  CAF_CHECK_EQUAL(lines(t0 + 59s, 0, 200), 0);
  CAF_CHECK_EQUAL(lines(t0 + 60s, 196, 4), 3); // those that had no line yet
  CAF_CHECK(aut.note("192.0.2.199", "unknown_source", t0 + 120s) == 2u);
  CAF_CHECK(aut.note("192.0.2.0", "unknown_source", t0 + 120s) == 0u); // forgotten meanwhile
}
