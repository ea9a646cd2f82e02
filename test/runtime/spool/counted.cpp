#define CAF_SUITE runtime.spool.counted
#include "test/support/unit_test.hpp"

#include "runtime/spool/spool.hpp"

#include "test/support/temp_dir.hpp"

using namespace senseflow;
using runtime::spool;

CAF_TEST(how many events a spool holds is told at the start before they are checked) {
  test::temp_dir directory;
  std::vector<uint64_t> told;
  runtime::spool_options options;
  options.directory = directory / "spool";
  options.counted = [&](uint64_t n) { told.push_back(n); };
  {
    const auto first = spool::open(options);
    CAF_REQUIRE(first.value);
    messages::spool_commit x;
    x.number = 1;
    for (uint64_t id = 1; id <= 3; ++id) {
      messages::publication content;
      content.cls = messages::item_class::user_event;
      x.writes.push_back({id, 0, 1000, std::move(content)});
    }
    first.value->commit(x);
  }
  const auto second = spool::open(options);
  CAF_REQUIRE(second.value);
  CAF_CHECK_EQUAL(told, (std::vector<uint64_t>{0, 3}));
}
