#define CAF_SUITE runtime.accounting.work_meter
#include "test/support/unit_test.hpp"

#include "runtime/accounting/work_meter.hpp"

#include "test/support/eventually.hpp"

using namespace senseflow::runtime;
using namespace std::chrono_literals;

CAF_TEST(a stopwatch runs as long as anybody has a turn) {
  const auto aut = std::make_shared<stopwatch>();
  stopwatch_turn a, b;
  CAF_CHECK(aut->total() == 0ns);
  a.set(true, aut);
  a.set(true, aut); // once
  b.set(true, aut);
  a.set(false, aut);
  CAF_CHECK(senseflow::test::eventually([&] { return aut->total() >= 2ms; })); // while it runs
  b.set(false, aut);
  const auto total = aut->total();
  CAF_CHECK(total >= 2ms);
  CAF_CHECK(aut->total() == total);
}

CAF_TEST(a turn ends with its owner and goes where it is moved) {
  const auto aut = std::make_shared<stopwatch>();
  {
    stopwatch_turn a;
    a.set(true, aut);
    const stopwatch_turn b{std::move(a)};
    a.set(false, aut); // it has none any more
    CAF_CHECK(senseflow::test::eventually([&] { return aut->total() >= 1ms; }));
  }
  const auto total = aut->total();
  CAF_CHECK(aut->total() == total);
}

CAF_TEST(meters are known by name and outlive those who count) {
  work_meters aut;
  aut.of("a")->message();
  aut.of("a")->batch(10);
  aut.of("a")->batch(20);
  aut.of("a")->busy(5ms);
  aut.of("b");
  const auto all = aut.figures();
  CAF_CHECK_EQUAL(all.size(), 2u);
  const auto& a = all.at("a");
  CAF_CHECK(a.handled == 1 && a.batches == 2 && a.items == 30 && a.busy == 5ms);
}
