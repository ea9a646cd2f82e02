#define CAF_SUITE runtime.probe.report
#include "test/support/unit_test.hpp"

#include "runtime/probe/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace senseflow::runtime::probe;

namespace {

struct fixture {
  report all{"a.yaml", "1.0", {}, std::chrono::milliseconds(1234)};

  void add(const std::string& subject, finding x) {
    x.subject = subject;
    all.found.push_back(std::move(x));
  }
  std::string table(size_t width = 0, size_t most = 20) const { return to_table(all, {width, false, most}); }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(report_tests, fixture)

CAF_TEST(only a failure is a failure) {
  add("A", good("x", "fine"));
  add("A", skipped("y", "not tried"));
  CAF_CHECK_EQUAL(verdict_of(all), exit_well);
  add("A", warning("z", "slow", "3 s", "it is slow", "Wait."));
  CAF_CHECK_EQUAL(verdict_of(all), exit_well);
  add("B", failed("z", "dead", "", "it is dead", "Bury it."));
  CAF_CHECK_EQUAL(verdict_of(all), exit_found);
}

CAF_TEST(the table has subjects in order and each trouble with fact and cause and next step) {
  add("A", good("x", "fine"));
  add("B", failed("name", "unknown", "after 3 ms", "there is no such name", "Correct it."));
  add("A", skipped("y", "not tried"));
  const auto text = table();
  CAF_CHECK(text.find("A\n  ok    x     fine\n  -     y     not tried\nB\n") == 0);
  CAF_CHECK(has(text, "  FAIL  name  after 3 ms\n              cause: there is no such name\n"
                      "              next: Correct it.\n"));
  CAF_CHECK(has(text, "\n3 checks in 1.2 s: 1 good, 1 failed, 1 not made\n"));
}

CAF_TEST(a trouble without a fact shows its cause in that place) {
  add("A", failed("x", "c", "", "it is dead", "Bury it."));
  const auto text = table();
  CAF_CHECK(has(text, "  FAIL  x  it is dead\n           next: Bury it.\n"));
  CAF_CHECK(!has(text, "cause:"));
}

CAF_TEST(steps come once and failures first) {
  add("A", warning("x", "c", "f", "cause", "Later."));
  add("B", failed("x", "c", "f", "cause", "Do this."));
  add("C", failed("y", "c", "f", "cause", "Do this."));
  CAF_CHECK(has(table(),
                "What to do, the first thing first:\n 1. Do this. (B, x, and 1 more)\n 2. Later. (A, x)\n"));
}

CAF_TEST(lines are broken at blanks with what follows below the text) {
  add("A", failed("check", "c", "one two three four five six seven", "because of that", "Do it."));
  std::istringstream lines{table(30)};
  size_t widest = 0;
  bool hanging = false;
  for (std::string line; std::getline(lines, line);) {
    if (has(line, "What to do")) break;
    widest = std::max(widest, line.size());
    hanging = hanging || line == std::string(15, ' ') + "four five six";
  }
  CAF_CHECK(hanging);
  CAF_CHECK(widest <= 30 || widest == std::string{"1 check in 1.2 s: 0 good, 1 failed"}.size());
}

CAF_TEST(of many subjects those without trouble are counted only) {
  for (int i = 0; i < 30; ++i) add("S" + std::to_string(i), good("x", "fine"));
  add("S31", failed("x", "c", "f", "cause", "Do it."));
  const auto text = table();
  CAF_CHECK(!has(text, "S3\n"));
  CAF_CHECK(has(text, "S31\n"));
  CAF_CHECK(has(text, "30 more without trouble"));
  CAF_CHECK(has(table(0, 100), "S3\n"));
}

CAF_TEST(text from outside makes no line and no colour of its own) {
  add("A", failed("x", "c", "evil\n\033[31mred\xff", "cause", "Do it."));
  const auto text = table();
  CAF_CHECK(has(text, "evil[31mred\xef\xbf\xbd\n"));
  CAF_CHECK(!has(text, "\033"));
}

CAF_TEST(programs get the same as JSON) {
  add("A", good("x", "fine"));
  add("B", failed("y", "dead", "f", "cause", "Do \"it\"."));
  const auto x = nlohmann::json::parse(to_json(all));
  CAF_CHECK_EQUAL(x.at("file"), "a.yaml");
  CAF_CHECK_EQUAL(x.at("result"), "failed");
  CAF_CHECK_EQUAL(x.at("tookMs"), 1234);
  CAF_CHECK_EQUAL(x.at("counts").at("good"), 1);
  CAF_CHECK_EQUAL(x.at("checks").size(), 2u);
  CAF_CHECK_EQUAL(x.at("checks").at(1).at("code"), "dead");
  CAF_CHECK_EQUAL(x.at("checks").at(1).at("next"), "Do \"it\".");
  CAF_CHECK_EQUAL(x.at("checks").at(0).at("result"), "good");
}

CAF_TEST_FIXTURE_SCOPE_END()
