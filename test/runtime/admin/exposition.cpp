#define CAF_SUITE runtime.admin.exposition
#include "test/support/unit_test.hpp"

#include "runtime/admin/exposition.hpp"

#include <limits>

using namespace senseflow::runtime;
using format = exposition::format;

namespace {

std::string text_of(format f) {
  exposition aut{f};
  aut.family("x_total", metric_type::counter, "Of x.");
  aut.sample({{"a", "b"}}, 3);
  aut.family("y", metric_type::gauge, "Of y.");
  aut.sample({}, 0.5);
  return std::move(aut).text();
}

} // namespace

CAF_TEST(both formats name a family once and OpenMetrics names counters without their end) {
  CAF_CHECK_EQUAL(text_of(format::text), "# HELP x_total Of x.\n# TYPE x_total counter\nx_total{a=\"b\"} 3\n"
                                         "# HELP y Of y.\n# TYPE y gauge\ny 0.5\n");
  CAF_CHECK_EQUAL(text_of(format::open_metrics), "# HELP x Of x.\n# TYPE x counter\nx_total{a=\"b\"} 3\n"
                                                 "# HELP y Of y.\n# TYPE y gauge\ny 0.5\n# EOF\n");
}

CAF_TEST(whatever a label holds stays within it) {
  exposition aut{format::text};
  aut.family("y", metric_type::gauge, "Of y.");
  aut.sample({{"a", "1\\2\"3\n4"}, {"b", "\xff{}"}}, 1);
  CAF_CHECK_EQUAL(std::move(aut).text(),
                  "# HELP y Of y.\n# TYPE y gauge\ny{a=\"1\\\\2\\\"3\\n4\",b=\"\xef\xbf\xbd{}\"} 1\n");
}

CAF_TEST(a histogram adds up from part to part) {
  histogram h;
  h.observe(std::chrono::milliseconds(700));
  h.observe(std::chrono::seconds(100));
  exposition aut{format::text};
  aut.family("t_seconds", metric_type::histogram, "Of t.");
  aut.sample({{"a", "b"}}, h.counts());
  const auto text = std::move(aut).text();
  for (const auto* line :
       {"t_seconds_bucket{a=\"b\",le=\"0.5\"} 0\n", "t_seconds_bucket{a=\"b\",le=\"1.0\"} 1\n",
        "t_seconds_bucket{a=\"b\",le=\"10.0\"} 1\n", "t_seconds_bucket{a=\"b\",le=\"+Inf\"} 2\n",
        "t_seconds_sum{a=\"b\"} 100.7\n", "t_seconds_count{a=\"b\"} 2\n"})
    CAF_CHECK(text.find(line) != text.npos);
}

CAF_TEST(numbers keep their digits) {
  exposition aut{format::text};
  aut.family("y", metric_type::gauge, "Of y.");
  aut.sample({}, 1790000000.123);
  aut.sample({}, static_cast<double>(uint64_t{1} << 53));
  aut.sample({}, std::numeric_limits<double>::infinity());
  const auto text = std::move(aut).text();
  for (const auto* line : {"y 1790000000.123\n", "y 9007199254740992\n", "y +Inf\n"})
    CAF_CHECK(text.find(line) != text.npos);
}

CAF_TEST(the format is the one that is asked for) {
  CAF_CHECK(format_for("") == format::text);
  CAF_CHECK(format_for("text/plain;version=0.0.4") == format::text);
  CAF_CHECK(format_for("application/openmetrics-text;version=1.0.0;q=0.5,text/plain") ==
            format::open_metrics);
}
