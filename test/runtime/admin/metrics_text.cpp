#define CAF_SUITE runtime.admin.metrics_text
#include "test/support/unit_test.hpp"

#include "runtime/accounting/metrics.hpp"
#include "runtime/admin/counters.hpp"
#include "runtime/admin/metrics_text.hpp"

#include "test/support/child_process.hpp"
#include "test/support/node_facts.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace senseflow;
using namespace runtime;
using format = exposition::format;
using messages::item_class;

namespace {

struct fixture {
  facts x = test::healthy_node();
  metrics counters;
  status_keeper keeper;

  fixture() {
    auto& line = x.lines[static_cast<size_t>(item_class::log_event)]["<img \"onerror\"\n>"];
    line.received = 100;
    line.recovered = 20;
    line.published = 50;
    line.filtered = {{"a rule", 10}};
    line.dropped = {{"spool_full", 7}, {"superseded", 3}};
    line.at = {5, 6, 9, 30};
    x.work["encoding/encoder"].handled = 3;
    x.certificates = {{"client.pem", "client certificate", x.at}};
    x.ledger_faults = 1; // a condition
    for (const auto& c : shown_counters()) counters.count(std::string{c.counted}, {{"slot", "0"}}, 2);
  }
  std::string text(format f = format::text) { return metrics_text(keeper.add(x), counters.families(), f); }
};

/// The sum of all samples of a name.
double sum(const std::string& text, const std::string& name) {
  double result = 0;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, name.size(), name) == 0 && (line[name.size()] == '{' || line[name.size()] == ' '))
      result += std::stod(line.substr(line.rfind(' ')));
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_text_tests, fixture)

CAF_TEST(promtool has nothing to complain about) {
  const test::temp_dir dir;
  std::ofstream{dir / "metrics"} << text();
  test::child_process tool{{"sh", "-c", "promtool check metrics < '" + (dir / "metrics") + "'"}};
  CAF_CHECK_EQUAL(tool.wait().value_or(-1), 0);
  CAF_CHECK_EQUAL(tool.output(), "");
}

CAF_TEST(every answer satisfies the equation of the ledger) {
  const auto all = text();
  const auto of = [&](const std::string& what) { return sum(all, "senseflow_items_" + what); };
  CAF_CHECK_EQUAL(of("received_total"), 120); // and those of the healthy node's two ports
  CAF_CHECK_EQUAL(of("received_total") + of("recovered_total") - of("published_total") -
                      of("filtered_total") - of("dropped_total") - of("pending"),
                  0);
}

CAF_TEST(every counter of the program is shown with words of its own) {
  std::set<std::string> shown, counted, names;
  for (const auto& c : shown_counters()) {
    shown.insert(std::string{c.counted});
    CAF_CHECK(names.insert(std::string{c.shown}).second);
    CAF_CHECK(!c.help.empty() && c.help.back() == '.');
  }
  const std::regex name{"\"([a-z0-9_]+_total)\""};
  for (const auto* folder : {"actors", "messages", "runtime"}) // but for names of entities
    for (const auto& file : std::filesystem::recursive_directory_iterator(test::source_path(folder))) {
      const auto path = file.path().string();
      if (file.path().extension() != ".cpp" || path.find("runtime/admin/") != path.npos ||
          path.find("messages/home_assistant/") != path.npos)
        continue;
      std::ostringstream text;
      text << std::ifstream{path}.rdbuf();
      const auto content = text.str();
      for (std::sregex_iterator i{content.begin(), content.end(), name}, end; i != end; ++i)
        counted.insert((*i)[1]);
    }
  counted.erase("poll_lateness_us_total"); // a histogram shows it
  std::vector<std::string> missing;
  std::set_symmetric_difference(counted.begin(), counted.end(), shown.begin(), shown.end(),
                                std::back_inserter(missing));
  for (const auto& x : missing) CAF_ERROR("counted, or shown, only: " << x);
  CAF_CHECK(counted.size() > 40);
}

CAF_TEST(every metric has a row on the page that explains the numbers) {
  x.clocks = {{"sense1", 1}}; // shown where there are some
  std::set<std::string> shown, explained;
  std::istringstream all{text()};
  const std::regex family{"# TYPE (?:senseflow_)?(\\w+) \\w+"}, name{"`(\\w+)`"};
  std::smatch found;
  for (std::string line; std::getline(all, line);)
    if (std::regex_match(line, found, family)) shown.insert(found[1]);
  std::ifstream page{test::source_path("config/NUMBERS.md")};
  bool metrics = false;
  for (std::string line; std::getline(page, line);) {
    metrics = metrics || line == "## Metrics";
    if (!metrics || line.compare(0, 3, "| `") != 0) continue;
    const auto cell = line.substr(0, line.find(" | "));
    for (std::sregex_iterator i{cell.begin(), cell.end(), name}, end; i != end; ++i)
      if (!explained.insert((*i)[1]).second) CAF_ERROR((*i)[1] << " has two rows");
  }
  std::vector<std::string> differing;
  std::set_symmetric_difference(shown.begin(), shown.end(), explained.begin(), explained.end(),
                                std::back_inserter(differing));
  for (const auto& x : differing) CAF_ERROR("shown, or explained, only: " << x);
  CAF_CHECK(shown.size() > 120);
}

CAF_TEST(clocks and certificates of others are shown where they are known) {
  CAF_CHECK(text().find("senseflow_sense_clock_skew_seconds") == std::string::npos);
  x.clocks = {{"sense1", -2.5}};
  x.certificates.push_back({"", "certificate of", x.at, "Sense server sense1", "", ""});
  const auto all = text();
  CAF_CHECK(all.find("senseflow_sense_clock_skew_seconds{server=\"sense1\"} -2.5\n") != all.npos);
  CAF_CHECK(all.find("senseflow_certificate_expiry_timestamp_seconds{of=\"Sense server sense1\"} ") !=
            all.npos);
  CAF_CHECK(all.find("senseflow_certificate_expiry_timestamp_seconds{file=\"client.pem\"} ") != all.npos);
}

CAF_TEST(publishers count from one and microseconds become seconds) {
  const auto all = text();
  CAF_CHECK(all.find("senseflow_mqtt_connects_total{publisher=\"1\"} 2\n") != all.npos);
  CAF_CHECK(all.find("senseflow_mqtt_connected{publisher=\"1\"} 1\n") != all.npos);
  CAF_CHECK_EQUAL(sum(all, "senseflow_poll_wait_seconds_total"), 2e-6);
}

CAF_TEST(hostile names stay within their labels) {
  const auto all = text();
  CAF_CHECK(all.find("source=\"<img \\\"onerror\\\"\\n>\"") != all.npos);
  std::istringstream in{all};
  for (std::string line; std::getline(in, line);)
    CAF_CHECK(line.compare(0, 2, "# ") == 0 || line.compare(0, 10, "senseflow_") == 0 ||
              line.compare(0, 8, "process_") == 0);
}

CAF_TEST(OpenMetrics ends as it has to) {
  const auto all = text(format::open_metrics);
  CAF_CHECK_EQUAL(all.substr(all.size() - 6), "# EOF\n");
  CAF_CHECK(all.find("# TYPE senseflow_items_received counter\n") != all.npos);
  CAF_CHECK(all.find("\nsenseflow_condition{id=\"accounting_fault\"") != all.npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
