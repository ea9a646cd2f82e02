#define CAF_SUITE messages.rules.category_rules

#include "test/support/unit_test.hpp"

#include "messages/rules/category_rules.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

using namespace senseflow::messages;

namespace {

const tag_list unknown{{"c", "unknown"}};

category_rule rule(std::vector<std::string> levels, tag_list categories, std::vector<rule_filter> filters) {
  return {std::move(levels), false, std::move(categories), std::move(filters)};
}

std::string json_of(const category_rules& rules, const std::string& level, const std::string& message) {
  return rules.apply(level, &message).json;
}

constexpr auto starts = text_match::starts_with;
constexpr auto ends = text_match::ends_with;
constexpr auto contains = text_match::contains;

} // namespace

CAF_TEST(each kind of filter matches in its place only) {
  const category_rules rules{{rule({"WARN"}, {{"c", "start"}}, {{starts, "abc"}}),
                              rule({"WARN"}, {{"c", "end"}}, {{ends, "abc"}}),
                              rule({"WARN"}, {{"c", "in"}}, {{contains, "abc"}})},
                             unknown};
  const auto one = [](const std::string& x) { return R"({"name":"c","value":")" + x + "\"}"; };
  CAF_CHECK_EQUAL(json_of(rules, "WARN", "abc"),
                  "[" + one("start") + "," + one("end") + "," + one("in") + "]");
  CAF_CHECK_EQUAL(json_of(rules, "warn", "abcx"), "[" + one("start") + "," + one("in") + "]");
  CAF_CHECK_EQUAL(json_of(rules, "Warn", "xabc"), "[" + one("end") + "," + one("in") + "]");
  CAF_CHECK_EQUAL(json_of(rules, "WARN", "xabcx"), "[" + one("in") + "]");
  CAF_CHECK_EQUAL(json_of(rules, "WARN", "ABC"), "[" + one("unknown") + "]");
  CAF_CHECK_EQUAL(json_of(rules, "ERROR", "abc"), "[" + one("unknown") + "]");
  CAF_CHECK_EQUAL(json_of(rules, "", "abc"), "[" + one("unknown") + "]");
}

CAF_TEST(categories add up in the order of the rules and none comes twice) {
  const category_rules rules{{rule({"e"}, {{"b", "1"}, {"b", "1"}}, {{contains, "later"}, {contains, "x"}}),
                              rule({"e"}, {{"a", "2"}, {"b", "1"}}, {{contains, "first"}})},
                             {}};
  CAF_CHECK_EQUAL(json_of(rules, "e", "first later x"),
                  R"([{"name":"b","value":"1"},{"name":"a","value":"2"}])");
}

CAF_TEST(an empty filter matches every message but not an event without one) {
  const category_rules rules{{rule({"e"}, {{"c", "all"}}, {{starts, ""}})}, unknown};
  CAF_CHECK_EQUAL(json_of(rules, "e", ""), R"([{"name":"c","value":"all"}])");
  CAF_CHECK_EQUAL(rules.apply("e", nullptr).json, R"([{"name":"c","value":"unknown"}])");
}

CAF_TEST(one dropping rule is enough) {
  auto dropping = rule({"e"}, {}, {{contains, "DROPME"}});
  dropping.drop = true;
  const category_rules rules{{rule({"e"}, {{"c", "x"}}, {{contains, "me"}}), dropping}, unknown};
  const std::string bad = "me DROPME";
  CAF_CHECK(rules.apply("E", &bad).drop);
  CAF_CHECK(!rules.apply("other", &bad).drop);
  CAF_CHECK(!rules.apply("e", nullptr).drop);
}

CAF_TEST(without rules there is the default only) {
  const std::string message = "x";
  CAF_CHECK_EQUAL(category_rules{}.apply("e", &message).json, "[]");
  CAF_CHECK_EQUAL(category_rules({}, {{"a", "1"}, {"a", "1"}}).apply("e", &message).json,
                  R"([{"name":"a","value":"1"},{"name":"a","value":"1"}])");
}

CAF_TEST(the search finds what a simple search finds) {
  std::mt19937 random{5};
  const auto text = [&random](size_t size) {
    std::string out;
    while (out.size() < size) out += static_cast<char>('a' + random() % 3);
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> patterns;
    for (auto n = random() % 12; n > 0; --n) {
      const auto pattern = text(1 + random() % 5);
      if (std::find(patterns.begin(), patterns.end(), pattern) == patterns.end()) patterns.push_back(pattern);
    }
    const auto haystack = text(random() % 60);
    std::multimap<size_t, size_t> expected;
    for (size_t p = 0; p < patterns.size(); ++p)
      for (size_t at = 0; (at = haystack.find(patterns[p], at)) != std::string::npos; ++at)
        expected.emplace(p, at + patterns[p].size());
    std::multimap<size_t, size_t> found;
    pattern_search{patterns}.each_match(haystack, [&](size_t p, size_t end) { found.emplace(p, end); });
    CAF_REQUIRE(found == expected);
  }
}
