#define CAF_SUITE config.alerts
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

const auto rules = source_path("config/alerts/senseflow.rules.yml");
const auto tests = source_path("test/data/alerts/senseflow.test.yml");

void promtool(std::vector<std::string> words) {
  words.insert(words.begin(), "promtool");
  child_process tool{words};
  const auto code = tool.wait(60s);
  CAF_MESSAGE(tool.output());
  CAF_CHECK(code && *code == 0);
}

/// Their names, each of which is there once.
std::set<std::string> alerts() {
  std::set<std::string> result;
  for (const auto& group : YAML::LoadFile(rules)["groups"])
    for (const auto& rule : group["rules"]) CAF_CHECK(result.insert(rule["alert"].as<std::string>()).second);
  return result;
}

} // namespace

CAF_TEST(promtool finds nothing wrong with the rules) {
  promtool({"check", "rules", "--lint=all", "--lint-fatal", rules});
}

CAF_TEST(each alert fires when it should and only then) {
  promtool({"test", "rules", tests});
  std::map<std::string, std::set<bool>> seen; // firing, and not
  for (const auto& test : YAML::LoadFile(tests)["tests"])
    for (const auto& look : test["alert_rule_test"])
      seen[look["alertname"].as<std::string>()].insert(look["exp_alerts"].size() > 0);
  const auto all = alerts();
  CAF_CHECK_EQUAL(seen.size(), all.size());
  for (const auto& alert : all)
    if (seen[alert].size() != 2) CAF_ERROR(alert << " is not seen both firing and silent");
}

CAF_TEST(each alert says what is the matter and is explained) {
  std::ifstream in{source_path("config/NUMBERS.md")};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& group : YAML::LoadFile(rules)["groups"])
    for (const auto& rule : group["rules"]) {
      const auto name = rule["alert"].as<std::string>(), expression = rule["expr"].as<std::string>();
      const auto summary = rule["annotations"]["summary"].as<std::string>();
      CAF_CHECK(summary.back() == '.' && summary.find('{') == std::string::npos);
      CAF_CHECK(rule["annotations"]["description"].as<std::string>().size() > 60);
      // A condition brings its severity with it.
      CAF_CHECK_EQUAL(rule["labels"].IsDefined(),
                      expression.find("senseflow_condition{") == std::string::npos);
      if (page.find("| " + name + " |") == std::string::npos) CAF_ERROR(name << " is not explained");
    }
}
