#define CAF_SUITE messages.rules.performance_filter

#include "test/support/unit_test.hpp"

#include "messages/rules/performance_filter.hpp"

#include <string>

using namespace senseflow::messages;

namespace {

qix_perf_log event(const std::string& app, const std::string& type, const std::string& object = "o",
                   const std::string& method = "m") {
  qix_perf_log x;
  x.raw_app_id = app;
  x.object_type = type;
  x.object_id = object;
  x.method = method;
  return x;
}

performance_filter for_all_apps() {
  performance_filter x;
  x.enable = true;
  x.all_apps.enable = true;
  return x;
}

} // namespace

CAF_TEST(nothing passes while the monitor or all its filters are off) {
  performance_filter x;
  x.all_apps.enable = true;
  CAF_CHECK(!x.accepts(event("a", "map"), ""));
  x.enable = true;
  CAF_CHECK(x.accepts(event("a", "map"), ""));
  x.all_apps.enable = false;
  CAF_CHECK(!x.accepts(event("a", "map"), ""));
}

CAF_TEST(all means the exclude list counts and else the include list) {
  auto x = for_all_apps();
  x.all_apps.object_type = {true, {"map"}, {"sheet"}};
  CAF_CHECK(x.accepts(event("a", "linechart"), ""));
  CAF_CHECK(!x.accepts(event("a", "map"), ""));
  x.all_apps.object_type.all = false;
  CAF_CHECK(!x.accepts(event("a", "linechart"), ""));
  CAF_CHECK(x.accepts(event("a", "sheet"), ""));
  CAF_CHECK(!x.accepts(event("a", "SHEET"), ""));
  x = for_all_apps();
  x.all_apps.method = {true, {"m"}, {}};
  CAF_CHECK(!x.accepts(event("a", "map", "o", "m"), ""));
  CAF_CHECK(x.accepts(event("a", "map", "o", "n"), ""));
}

CAF_TEST(apps match by id or name or both) {
  auto x = for_all_apps();
  x.all_apps.exclude = {{"a", {}}, {{}, "Sales"}, {"b", "Budget"}};
  CAF_CHECK(!x.accepts(event("a", "t"), "any"));
  CAF_CHECK(!x.accepts(event("c", "t"), "Sales"));
  CAF_CHECK(!x.accepts(event("b", "t"), "Budget"));
  CAF_CHECK(x.accepts(event("b", "t"), "Other"));
  CAF_CHECK(x.accepts(event("c", "t"), "Budget"));
  x.all_apps.exclude = {{{}, ""}};
  CAF_CHECK(!x.accepts(event("c", "t"), ""));
  CAF_CHECK(x.accepts(event("c", "t"), "Known"));
  x.all_apps.exclude = {{{}, {}}};
  CAF_CHECK(!x.accepts(event("c", "t"), "Known"));
}

CAF_TEST(one accepting filter is enough) {
  performance_filter x;
  x.enable = true;
  x.app_specific.enable = true;
  x.app_specific.filters = {{{{"a", {}}}, {false, {}, {"map"}}, {}, {}},
                            {{{"a", {}}}, {}, {false, {}, {"o1"}}, {}}};
  CAF_CHECK(x.accepts(event("a", "map", "o2"), ""));
  CAF_CHECK(x.accepts(event("a", "sheet", "o1"), ""));
  CAF_CHECK(!x.accepts(event("a", "sheet", "o2"), ""));
  CAF_CHECK(!x.accepts(event("b", "map", "o1"), ""));
  x.all_apps.enable = true;
  CAF_CHECK(x.accepts(event("b", "map", "o1"), ""));
  x.app_specific.enable = false;
  x.all_apps.exclude = {{"a", {}}};
  CAF_CHECK(!x.accepts(event("a", "map", "o1"), ""));
}
