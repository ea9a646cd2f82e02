#define CAF_SUITE runtime.backoff
#include "test/support/unit_test.hpp"

#include "runtime/backoff.hpp"

#include <algorithm>

using namespace senseflow;
using namespace std::chrono_literals;

CAF_TEST(delays double up to the maximum) {
  runtime::backoff x{{100ms, 1s, 0}};
  for (auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) CAF_CHECK(x.next() == expected);
  x.reset();
  CAF_CHECK(x.next() == 100ms);
}

CAF_TEST(however long the delays and however many there were none is beyond the maximum or its jitter) {
  for (auto initial : {1ms, 8600ms, 10000ms, 86400000ms})
    for (auto max : {86400000ms, std::chrono::milliseconds{30000}}) {
      runtime::backoff exact{{initial, max, 0}}, varied{{initial, max, 100}};
      auto before = 0ns;
      for (int i = 0; i < 100; ++i) {
        const auto delay = exact.next();
        if (delay < before || delay > max || delay < std::min<std::chrono::nanoseconds>(initial, max))
          CAF_FAIL("attempt " << i << " after " << delay.count() << " ns");
        before = delay;
        const auto jittered = varied.next();
        if (jittered < 0ns || jittered > 2 * max)
          CAF_FAIL("attempt " << i << ": " << jittered.count() << " ns");
      }
      CAF_CHECK(before == max);
    }
}
