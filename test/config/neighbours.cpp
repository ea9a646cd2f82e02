#define CAF_SUITE config.neighbours
#include "test/support/unit_test.hpp"

#include "faults.hpp"
#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/schema_check.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace senseflow;
using senseflow::test::contains;
using namespace std::chrono_literals;

namespace {

struct page {
  std::filesystem::path file;
  std::string text;
};

std::vector<page> pages() {
  std::vector<page> result;
  for (const auto& x : std::filesystem::directory_iterator{test::source_path("config/neighbours")}) {
    std::ifstream in{x.path()};
    result.push_back({x.path(), {std::istreambuf_iterator<char>{in}, {}}});
  }
  return result;
}

/// What stands between fences of this kind, without the indentation of the fence.
std::vector<std::string> blocks(const std::string& text, const std::string& kind) {
  std::vector<std::string> result;
  std::istringstream in{text};
  size_t indentation = std::string::npos; // of the block that is open
  for (std::string line; std::getline(in, line);) {
    const auto fence = line.find("```");
    if (fence != std::string::npos && indentation != std::string::npos) {
      indentation = std::string::npos;
    } else if (fence != std::string::npos && line.substr(fence + 3) == kind) {
      indentation = fence;
      result.emplace_back();
    } else if (indentation != std::string::npos) {
      result.back() += line.substr(std::min(indentation, line.size())) + "\n";
    }
  }
  return result;
}

/// The texts of `name = [...]` or `name = "..."`.
std::vector<std::string> toml_texts(const std::string& block, const std::string& name) {
  std::smatch line;
  if (!std::regex_search(block, line, std::regex{"\\b" + name + " = (.*)"})) return {};
  const auto value = line.str(1);
  std::vector<std::string> result;
  const std::regex text{"\"([^\"]*)\""};
  for (std::sregex_iterator it{value.begin(), value.end(), text}, end; it != end; ++it)
    result.push_back(it->str(1));
  return result;
}

/// All YAML of all pages that begins with this key.
std::vector<std::string> yaml_of(const std::string& key) {
  std::vector<std::string> result;
  for (const auto& x : pages())
    for (const auto& block : blocks(x.text, "yaml"))
      if (block.rfind(key + ":", 0) == 0) result.push_back(block);
  return result;
}

} // namespace

CAF_TEST(the settings that the pages show are settings) {
  const auto all = yaml_of("Butler-SOS");
  CAF_CHECK(all.size() >= 3);
  for (auto text : all) {
    if (!contains(text, "mqttConfig:")) text += "  mqttConfig: {enable: true, brokerHost: localhost}\n";
    const auto r = test::load_text(text);
    if (!r.faults.empty() || !r.warnings.empty())
      CAF_ERROR(text << test::listed(r.faults) << test::listed(r.warnings));
  }
}

CAF_TEST(Prometheus takes its configuration) {
  const auto all = yaml_of("rule_files");
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  test::temp_dir directory;
  const auto file = directory / "prometheus.yml";
  std::ofstream{file} << std::regex_replace(all[0], std::regex{"/etc/prometheus"},
                                            test::source_path("config/alerts"));
  test::child_process tool{{"promtool", "check", "config", file}};
  const auto code = tool.wait(20s);
  if (!code || *code != 0) CAF_ERROR(tool.output());
}

CAF_TEST(Telegraf reads what the messages have) {
  size_t inputs = 0;
  for (const auto& x : pages())
    for (const auto& all : blocks(x.text, "toml")) {
      const std::regex begin{"\\[\\[inputs\\.mqtt_consumer\\]\\]"};
      std::sregex_token_iterator it{all.begin(), all.end(), begin, -1}, end;
      for (++it; it != end; ++it, ++inputs) {
        const auto block = it->str();
        const auto topic = toml_texts(block, "topics").at(0);
        const auto schema = test::read_schema(contains(topic, "/flat") ? "health-flat" : "availability");
        const auto& properties = schema["properties"];
        std::set<std::string> read;
        for (const auto* option : {"tag_keys", "json_string_fields", "json_time_key"})
          for (const auto& key : toml_texts(block, option)) {
            read.insert(key);
            if (key != "tag_*") CAF_CHECK(properties.contains(key));
          }
        // What is no number is lost unless it is named; node and epoch are those of a cluster.
        for (const auto& [key, property] : properties.items()) {
          const auto type = property["type"];
          if (type != "number" && type != "integer" && key != "node" && read.count(key) == 0)
            CAF_ERROR(topic << ": " << key << " is not read");
        }
      }
    }
  CAF_CHECK_EQUAL(inputs, 2u);
}

CAF_TEST(the links of the pages lead somewhere) {
  CAF_CHECK(pages().size() >= 3);
  for (const auto& x : pages()) {
    const std::regex link{"\\]\\(([^)#:]+)[^)]*\\)"};
    for (std::sregex_iterator it{x.text.begin(), x.text.end(), link}, end; it != end; ++it)
      if (it->str(1).rfind("http", 0) != 0 && !std::filesystem::exists(x.file.parent_path() / it->str(1)))
        CAF_ERROR(x.file << " leads to " << it->str(1) << ", which is not there");
  }
}
