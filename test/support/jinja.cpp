#include "test/support/jinja.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <stdexcept>

namespace senseflow::test {

using nlohmann::json;

void jinja::prepare(const std::vector<question>& all) {
  std::set<question> fresh;
  for (const auto& x : all)
    if (known_.count(x) == 0) fresh.insert(x);
  if (fresh.empty()) return;
  temp_dir directory;
  auto questions = json::array();
  for (const auto& [text, payload] : fresh) questions.push_back({text, payload});
  std::ofstream{directory / "questions.json"}
      << questions.dump(-1, ' ', true, json::error_handler_t::replace);
  child_process python{
      {"/usr/bin/python3", source_path("test/support/jinja/render.py"), directory / "questions.json"}};
  if (python.wait(std::chrono::seconds(60)) != 0) throw std::runtime_error("render.py: " + python.output());
  const auto answers = json::parse(python.output());
  size_t i = 0;
  for (const auto& x : fresh) {
    const auto& answer = answers.at(i++);
    known_[x] = {answer.value("text", ""), answer.value("error", "")};
  }
}

const rendering& jinja::render(const std::string& text, const std::string& payload) {
  prepare({{text, payload}});
  return known_.at({text, payload});
}

} // namespace senseflow::test
