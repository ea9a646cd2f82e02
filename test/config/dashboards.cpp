#define CAF_SUITE config.dashboards
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/dashboard.hpp"
#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

using namespace senseflow::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::vector<std::string> names{"senseflow-prometheus", "senseflow-mqtt"};

/// How often a pattern occurs.
long count(const std::string& text, const std::string& pattern) {
  const std::regex rule{pattern};
  return std::distance(std::sregex_iterator{text.begin(), text.end(), rule}, {});
}

bool overlap(const json& a, const json& b) {
  const auto apart = [&](const char* at, const char* size) {
    return a[at].get<int>() + a[size].get<int>() <= b[at].get<int>() ||
           b[at].get<int>() + b[size].get<int>() <= a[at].get<int>();
  };
  return !apart("x", "w") && !apart("y", "h");
}

void check_panel(const json& panel) {
  CAF_CHECK(!panel["title"].get<std::string>().empty());
  CAF_CHECK(panel["description"].get<std::string>().back() == '.');
  CAF_CHECK(!panel["fieldConfig"]["defaults"]["unit"].get<std::string>().empty());
  CAF_CHECK_EQUAL(panel["datasource"]["uid"], "${datasource}");
  CAF_CHECK(!panel["targets"].empty());
  std::set<std::string> targets;
  for (const auto& target : panel["targets"]) {
    CAF_CHECK(targets.insert(target["refId"]).second);
    CAF_CHECK(target["datasource"] == panel["datasource"]);
  }
  CAF_CHECK(panel["gridPos"]["x"].get<int>() + panel["gridPos"]["w"].get<int>() <= 24);
}

} // namespace

CAF_TEST(a dashboard can be imported and its panels stand side by side) {
  for (const auto& name : names) {
    const auto board = dashboard(name);
    CAF_CHECK(board["id"].is_null() && board["editable"] == false);
    CAF_CHECK(!board["title"].get<std::string>().empty());
    CAF_CHECK(board["uid"].get<std::string>().size() <= 40);
    CAF_CHECK(board["schemaVersion"] >= 39 && board["schemaVersion"] <= 42);
    const auto& panels = board["panels"];
    std::set<int> ids;
    for (size_t i = 0; i < panels.size(); ++i) {
      CAF_CHECK(ids.insert(panels[i]["id"].get<int>()).second);
      check_panel(panels[i]);
      for (size_t j = 0; j < i; ++j) CAF_CHECK(!overlap(panels[i]["gridPos"], panels[j]["gridPos"]));
    }
    const auto& variables = board["templating"]["list"];
    CAF_CHECK_EQUAL(std::count_if(variables.begin(), variables.end(),
                                  [](const auto& x) { return x["type"] == "datasource"; }),
                    1);
    CAF_CHECK_EQUAL(variables[0]["name"], "datasource");
  }
}

CAF_TEST(job and instance can be chosen and every expression heeds the choice) {
  const auto board = dashboard("senseflow-prometheus");
  for (auto i : {1, 2}) {
    const auto& x = board["templating"]["list"][i];
    CAF_CHECK_EQUAL(x["name"], i == 1 ? "job" : "instance");
    CAF_CHECK(x["multi"] == true && x["includeAll"] == true && x["allValue"] == ".+" && x["refresh"] == 2);
  }
  for (const auto& [panel, expression] : expressions(board)) {
    const auto metrics = count(expression, "\\b(senseflow|process)_\\w+");
    const auto heeding =
        count(expression, "\\b(senseflow|process)_\\w+\\{job=~\"\\$job\", instance=~\"\\$instance\"[,}]");
    // A counter says something only in comparison; the range is Grafana's, or is in the panel's title.
    const auto ranges = count(expression, "\\["), proper = count(expression, "\\[(\\$__rate_interval|1h)\\]");
    const auto counters = count(expression, "_(total|bucket)\\{");
    const auto compared = count(expression, "\\b(rate|increase)\\([a-z_]+_(total|bucket)\\{[^}]*\\}\\[");
    if (metrics == 0 || metrics != heeding || ranges != proper || counters != compared)
      CAF_ERROR(panel << ": " << expression);
  }
}

CAF_TEST(promtool understands every expression) {
  temp_dir directory;
  std::ofstream file{directory / "rules.yml"};
  json list = json::array();
  for (const auto& [panel, expression] : expressions(dashboard("senseflow-prometheus")))
    list.push_back(
        {{"record", "panel:" + std::to_string(list.size())}, {"expr", filled_in(expression, "1m")}});
  file << json{{"groups", {{{"name", "panels"}, {"rules", list}}}}};
  file.close();
  child_process tool{{"promtool", "check", "rules", directory / "rules.yml"}};
  const auto code = tool.wait(60s);
  if (!code || *code != 0) CAF_ERROR(tool.output());
}

CAF_TEST(the metrics that are shown are explained) {
  std::ifstream in{source_path("config/NUMBERS.md")};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& [panel, expression] : expressions(dashboard("senseflow-prometheus"))) {
    const std::regex metric{"\\b(?:senseflow_)?((?:process_)?[a-z][a-z_]*?)(?:_bucket)?\\{"};
    for (std::sregex_iterator it{expression.begin(), expression.end(), metric}, end; it != end; ++it)
      if (page.find("`" + it->str(1) + "`") == std::string::npos)
        CAF_ERROR(it->str(1) << " of " << panel << " is not explained");
  }
}
