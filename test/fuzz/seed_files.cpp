#include "test/fuzz/seed_files.hpp"

#include "test/support/base64.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace senseflow::fuzz {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string input_of(const json& line) {
  const auto& x = line.contains("response") ? line["response"] : line;
  for (const char* key : {"input", "body"}) {
    if (x.contains(key)) return x[key].get<std::string>();
    if (x.contains(key + std::string{"_b64"}))
      return test::from_base64(x[key + std::string{"_b64"}].get<std::string>());
  }
  return {};
}

} // namespace

std::string read_text(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return out.str();
}

std::vector<std::string> recorded(const fs::path& recordings) {
  std::vector<std::string> result;
  std::istringstream lines{read_text(recordings)};
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) result.push_back(input_of(json::parse(line)));
  return result;
}

seed_folder::seed_folder(const fs::path& path) : path_(path) {
  fs::remove_all(path);
  fs::create_directories(path);
}

void seed_folder::add(const std::string& seed) {
  if (seed.size() > max_bytes || !written_.insert(seed).second) return;
  std::ofstream{path_ / std::to_string(written_.size()), std::ios::binary} << seed;
}

void write_dictionary(const fs::path& file, const std::set<std::string>& words) {
  std::ofstream out{file};
  for (auto word : words) {
    replace_all(word, "\\", "\\\\");
    replace_all(word, "\"", "\\\"");
    out << '"' << word << "\"\n";
  }
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

} // namespace senseflow::fuzz
