#define CAF_SUITE messages.insights.row_gaps

#include "test/support/unit_test.hpp"

#include "messages/insights/row_gaps.hpp"

#include <algorithm>
#include <random>
#include <vector>

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

namespace {

struct fixture {
  row_gaps aut;
  row_gaps::time_point now{};

  uint64_t row(uint32_t x) { return aut.observe(x, now += 10ms); }

  /// From `a` to `b`, over the end if need be.
  uint64_t rows(uint32_t a, uint32_t b) {
    uint64_t lost = 0;
    for (auto x = a;; x = x % row_gaps::last_row + 1) {
      lost += row(x);
      if (x == b) return lost;
    }
  }

  uint64_t rest() { return aut.tick(now += 2s); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(row_gaps_tests, fixture)

CAF_TEST(a count without holes is no loss wherever it begins and however often it wraps) {
  CAF_CHECK_EQUAL(rows(4711, 9999), 0u);
  CAF_CHECK_EQUAL(rows(1, 9999), 0u);
  CAF_CHECK_EQUAL(rows(1, 20), 0u);
  CAF_CHECK_EQUAL(rest(), 0u);
}

CAF_TEST(rows that do not come are lost once there is no hope for them) {
  rows(1, 100);
  CAF_CHECK_EQUAL(row(104), 0u);
  CAF_CHECK_EQUAL(aut.tick(now += 1s), 0u);
  CAF_CHECK_EQUAL(rest(), 3u);
  CAF_CHECK_EQUAL(rest(), 0u);
  CAF_CHECK_EQUAL(row(106) + rows(107, 168), 0u);
  CAF_CHECK_EQUAL(rows(169, 170), 1u); // 105 has left the window
}

CAF_TEST(rows that come late or twice are no loss) {
  rows(1, 100);
  CAF_CHECK_EQUAL(row(105) + row(102) + row(104) + row(101) + row(103) + row(103) + row(105), 0u);
  CAF_CHECK_EQUAL(rows(106, 400), 0u);
  CAF_CHECK_EQUAL(rest(), 0u);
}

CAF_TEST(losses over the end of the count are seen) {
  rows(9900, 9990);
  CAF_CHECK_EQUAL(row(5) + rest(), 13u);
  rows(6, 9900);
  CAF_CHECK_EQUAL(row(101), 0u);
  CAF_CHECK_EQUAL(rows(102, 104), 0u);
  CAF_CHECK_EQUAL(row(105), 140u); // those beyond the window, now that it is clear that this is the same count
  CAF_CHECK_EQUAL(rest(), 59u);
}

CAF_TEST(a service that begins to count anew has lost nothing) {
  rows(1, 5000);
  CAF_CHECK_EQUAL(rows(1, 400) + rest(), 0u);
  CAF_MESSAGE("and so it is where its first rows are lost or hardly any came before");
  CAF_CHECK_EQUAL(rows(17, 30) + rows(1, 400) + rest(), 0u);
  CAF_MESSAGE("at the end of the count, too");
  rows(401, 9900);
  CAF_CHECK_EQUAL(rows(1, 400) + rest(), 0u);
}

CAF_TEST(a long loss counts when rows follow one another before and after it) {
  rows(1, 100);
  CAF_CHECK_EQUAL(row(3101), 0u);
  CAF_CHECK_EQUAL(rest(), 0u);
  CAF_CHECK_EQUAL(rows(3102, 3200) + rest(), 3000u);
}

CAF_TEST(two that count under one name are no losses) {
  rows(1, 200);
  uint64_t lost = 0;
  for (uint32_t i = 0; i < 100; ++i) lost += row(201 + i) + row(4001 + i) + rest();
  CAF_CHECK_EQUAL(lost, 0u);
  CAF_MESSAGE("one of them counts much faster");
  for (uint32_t i = 0; i < 50; ++i) {
    lost += rows(301 + i * 30, 330 + i * 30);
    lost += row(6000 + i) + rest();
  }
  CAF_CHECK_EQUAL(lost, 0u);
}

CAF_TEST(datagrams that nobody has read are no gap) {
  rows(1, 100);
  aut.skip();
  CAF_CHECK_EQUAL(row(150) + rows(151, 300) + rest(), 0u);
}

CAF_TEST(what is no row changes nothing) {
  rows(1, 100);
  CAF_CHECK_EQUAL(row(0) + row(10000) + row(4294967295u), 0u);
  CAF_CHECK_EQUAL(rows(101, 110) + rest(), 0u);
}

CAF_TEST(random losses are counted to the last one in whatever near order the rest comes) {
  std::mt19937_64 random{4711};
  const auto one_in = [&](uint32_t n) { return random() % n == 0; };
  uint64_t lost = 0, counted = 0;
  row(1);
  for (uint32_t block = 0; block < 3000; ++block) {
    std::vector<uint32_t> on_the_way;
    for (uint32_t i = 0; i < 20; ++i) {
      const auto x = (block * 20 + i + 1) % row_gaps::last_row + 1;
      // What is lost at the very end nobody can know.
      if (one_in(5) && block < 2990)
        ++lost;
      else
        on_the_way.insert(on_the_way.end(), one_in(50) ? 2 : 1, x);
    }
    std::shuffle(on_the_way.begin(), on_the_way.end(), random);
    for (const auto x : on_the_way) counted += row(x);
  }
  CAF_CHECK_EQUAL(counted + rest(), lost);
}

CAF_TEST_FIXTURE_SCOPE_END()
