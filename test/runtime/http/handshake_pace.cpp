#define CAF_SUITE runtime.http.handshake_pace
#include "test/support/unit_test.hpp"

#include "runtime/http/handshake_pace.hpp"

#include <algorithm>
#include <deque>
#include <vector>

using namespace senseflow::runtime;
using namespace std::chrono_literals;

namespace {

struct fixture {
  handshake_pace pace;
  handshake_pace::time_point now{1h};

  std::vector<uint64_t> begin_all() {
    std::vector<uint64_t> result;
    while (pace.free(now)) result.push_back(pace.began(now));
    return result;
  }
  void quick(size_t n) {
    for (size_t i = 0; i < n; ++i) pace.established(pace.began(now), now + 10ms);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(handshake_pace_tests, fixture)

CAF_TEST(a few may begin and each that has ended makes room for another) {
  const auto first = begin_all();
  CAF_CHECK_EQUAL(first.size(), handshake_pace::least);
  pace.ended(first[0]);
  pace.ended(first[0]); // does nothing
  CAF_CHECK_EQUAL(begin_all().size(), 1u);
  CAF_CHECK_EQUAL(pace.under_way(), handshake_pace::least);
}

CAF_TEST(there are more while they are quick up to a limit) {
  quick(10);
  CAF_CHECK_EQUAL(begin_all().size(), handshake_pace::least + 10);
  quick(1000);
  CAF_CHECK_EQUAL(pace.at_a_time(), handshake_pace::most);
}

CAF_TEST(slow ones halve their number once for all that were under way) {
  quick(1000);
  const auto all = begin_all();
  now += 2s;
  for (size_t i = 0; i < 20; ++i) pace.established(all[i], now);
  CAF_CHECK_EQUAL(pace.at_a_time(), handshake_pace::most / 2);
  const auto next = pace.began(now);
  now += 2s;
  pace.established(next, now);
  CAF_CHECK_EQUAL(pace.at_a_time(), handshake_pace::most / 4);
  CAF_CHECK(pace.usual() > 1s);

  CAF_MESSAGE("from then on they become more slowly, and never less than a few");
  quick(handshake_pace::most / 4 + 1);
  CAF_CHECK_EQUAL(pace.at_a_time(), handshake_pace::most / 4 + 1);
  for (int i = 0; i < 10; ++i) {
    const auto slow = pace.began(now);
    now += 2s;
    pace.established(slow, now);
  }
  CAF_CHECK_EQUAL(pace.at_a_time(), handshake_pace::least);
}

CAF_TEST(those that never end count for a short while only and change nothing) {
  quick(4);
  const auto before = pace.at_a_time();
  const auto hanging = begin_all();
  now += handshake_pace::counts_for - 1ms;
  CAF_CHECK(!pace.free(now));
  now += 1ms;
  CAF_CHECK_EQUAL(begin_all().size(), before);
  for (const auto x : hanging) pace.ended(x); // given up
  CAF_CHECK_EQUAL(pace.at_a_time(), before);
}

CAF_TEST(where they usually take longer they count for longer) {
  for (int i = 0; i < 50; ++i) pace.established(pace.began(now), now + 600ms);
  begin_all();
  now += 500ms;
  CAF_CHECK(!pace.free(now));
  now += 101ms;
  CAF_CHECK(pace.free(now));
}

CAF_TEST(a turn is given back at its end) {
  {
    handshake_turn turn{pace, now};
    auto other = std::move(turn);
    CAF_CHECK(!turn && other);
    CAF_CHECK_EQUAL(pace.under_way(), 1u);
    other = handshake_turn{pace, now};
    CAF_CHECK_EQUAL(pace.under_way(), 1u);
  }
  CAF_CHECK_EQUAL(pace.under_way(), 0u);
  handshake_turn turn{pace, now};
  turn.established(now + 1ms);
  CAF_CHECK(!turn);
  CAF_CHECK_EQUAL(pace.under_way(), 0u);
  CAF_CHECK_EQUAL(pace.at_a_time(), handshake_pace::least + 1);
}

// 1,000 connections at once, on machines that manage so many a second: none is kept waiting, and none
// takes so long that a time limit would end it.
CAF_TEST(slow and quick machines get all done as fast as they can) {
  for (const auto per_second : {12, 100, 1000}) {
    pace = {};
    const auto begin = now;
    const auto each = std::chrono::duration_cast<handshake_pace::time_point::duration>(1s) / per_second;
    struct job {
      uint64_t number;
      handshake_pace::time_point began, ends;
    };
    std::deque<job> jobs;
    auto busy_until = now;
    auto longest = 0ns;
    for (size_t begun = 0, done = 0; done < 1000; now += 1ms) {
      for (; !jobs.empty() && jobs.front().ends <= now; jobs.pop_front(), ++done) {
        longest = std::max<std::chrono::nanoseconds>(longest, now - jobs.front().began);
        pace.established(jobs.front().number, now);
      }
      for (; begun < 1000 && pace.free(now); ++begun) {
        busy_until = std::max(busy_until, now) + each;
        jobs.push_back({pace.began(now), now, busy_until});
      }
    }
    const auto ms = [](auto x) { return std::chrono::duration_cast<std::chrono::milliseconds>(x).count(); };
    CAF_MESSAGE(per_second << "/s: all done after " << ms(now - begin) << " ms, the longest took "
                           << ms(longest) << " ms");
    CAF_CHECK(longest < 5s);
    CAF_CHECK(now - begin < 1000 * each * 5 / 4 + 1s);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
