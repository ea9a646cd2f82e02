#define CAF_SUITE config.insights
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

#include <string>

using namespace senseflow;
using senseflow::test::has_warning;
using senseflow::test::load_members;

namespace {

const std::string sources = "logEvents:\n"
                            "  source: {engine: {enable: true}, qixPerf: {enable: true}}\n"
                            "  enginePerformanceMonitor: {enable: true}\n";

config::load_result with(const std::string& insights, const std::string& more = sources) {
  return load_members(more + "insights: {" + insights + "}");
}

} // namespace

CAF_TEST(storms and digests are read and off unless they are set) {
  const auto off = with("").value.insights;
  CAF_CHECK(!off.storms.enable && !off.performance.enable);
  const auto r = with("storms: {enable: true, rate: 3, window: 5000}, "
                      "performance: {enable: true, window: 7000, publishAbove: 0, rows: 9}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  const auto& on = r.value.insights;
  CAF_CHECK(on.storms.enable && on.performance.enable);
  CAF_CHECK_EQUAL(on.storms.rate, 3u);
  CAF_CHECK_EQUAL(on.storms.window.count(), 5000);
  CAF_CHECK_EQUAL(on.performance.window.count(), 7000);
  CAF_CHECK_EQUAL(on.performance.publish_above.count(), 0);
  CAF_CHECK_EQUAL(on.performance.rows, 9u);
}

CAF_TEST(storms and digests without an effect are warned about) {
  const std::string storms = "insights.storms.enable", digests = "insights.performance.enable";
  const std::string both = "storms: {enable: true}, performance: {enable: true}";
  CAF_CHECK(has_warning(with(both, ""), storms, "has no effect"));
  CAF_CHECK(has_warning(with(both, ""), digests, "has no effect"));
  const std::string no_messages = "logEvents: {source: {qixPerf: {enable: true}}}\n";
  CAF_CHECK(has_warning(with(both, no_messages), storms, "has no effect"));
  CAF_CHECK(has_warning(with(both, no_messages), digests, "no performance events"));
  CAF_CHECK(!has_warning(with(both), storms, "has no effect"));
  CAF_CHECK(!has_warning(with(both), digests, "has no effect"));
}

CAF_TEST(limits of storms and digests are faults) {
  for (const auto* bad :
       {"storms: {enable: true, rate: 0}", "storms: {enable: true, window: 999}",
        "performance: {enable: true, window: 3600001}", "performance: {enable: true, rows: 1001}"})
    CAF_CHECK_EQUAL(with(bad).faults.size(), 1u);
}
