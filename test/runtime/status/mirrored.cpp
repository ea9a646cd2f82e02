#define CAF_SUITE runtime.status.mirrored
#include "test/support/unit_test.hpp"

#include "runtime/status/conditions.hpp"
#include "test/support/paths.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// What a pattern has in its parentheses, wherever it occurs in a file of ours.
std::multiset<std::string> found(const std::string& file, const std::string& pattern) {
  std::ifstream in{source_path(file)};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::regex rule{pattern};
  std::multiset<std::string> result;
  for (std::sregex_iterator i{text.begin(), text.end(), rule}, end; i != end; ++i) result.insert(i->str(1));
  return result;
}

} // namespace

CAF_TEST(each condition has one alert and one headline on the page and one explanation) {
  const auto& ids = runtime::condition_ids();
  const std::multiset<std::string> conditions{ids.begin(), ids.end()};
  CAF_CHECK(!conditions.empty());
  CAF_CHECK_EQUAL(
      found("config/alerts/senseflow.rules.yml", "expr: senseflow_condition\\{id=\"(\\w+)\"\\} == 1"),
      conditions);
  CAF_CHECK_EQUAL(found("runtime/admin/page/page.js", "(\\w+): (?:\\(\\)|x) => ['`]"), conditions);
  CAF_CHECK_EQUAL(found("config/NUMBERS.md", "\n\\| `(\\w+)` \\| Sense\\w+ \\|"), conditions);
}
