#define CAF_SUITE config.folders
#include "test/support/unit_test.hpp"

#include "test/support/paths.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// The architecture as the includes have it: who may use whom is the table below, read from the top of the
// product to its ground. What is not in it is a mistake, here or there.

namespace {

using names = std::vector<std::string>;

/// From the top to the ground: a folder may include those that are listed with it, and itself.
const std::vector<std::pair<std::string, names>> floors{
    {"runtime/main.cpp",
     {"runtime/commands", "runtime/probe", "runtime/appenders", "runtime/service", "runtime/wiring",
      "runtime/mqtt", "runtime/udp", "runtime", "config"}},
    {"runtime/commands",
     {"runtime/service", "runtime/wiring", "actors/cluster", "runtime/http", "runtime/mqtt", "runtime/net",
      "config", "messages/text"}},
    {"runtime/appenders", {"runtime", "config", "config/schema", "config/files"}},
    {"runtime/probe",
     {"runtime/service", "runtime/wiring", "actors/cluster", "actors/ingest", "runtime/etcd", "runtime/http",
      "runtime/mqtt", "runtime/udp", "runtime/net", "runtime", "config", "config/files", "messages/items",
      "messages/text"}},
    {"runtime/service",
     {"runtime/wiring", "actors/cluster", "actors", "runtime/accounting", "runtime/spool", "runtime/udp",
      "runtime", "config"}},
    {"runtime/wiring",
     {"actors/admin",
      "actors/cluster",
      "actors/delivery",
      "actors/delivery/outbox",
      "actors/encoding",
      "actors/home_assistant",
      "actors/inbound",
      "actors/ingest",
      "actors/insights",
      "actors/polling",
      "actors",
      "runtime/accounting",
      "runtime/etcd",
      "runtime/http",
      "runtime/mqtt",
      "runtime/spool",
      "runtime/status",
      "runtime/udp",
      "runtime/net",
      "runtime",
      "config",
      "config/files",
      "messages/insights",
      "messages/text"}},
    {"actors/admin", {"actors", "runtime/admin", "runtime/status", "runtime"}},
    {"actors/delivery",
     {"actors/delivery/outbox", "actors", "runtime/accounting", "runtime/mqtt", "runtime/spool", "runtime",
      "messages", "messages/text"}},
    {"actors/cluster",
     {"actors/delivery/outbox", "actors", "runtime/accounting", "runtime/etcd", "runtime/mqtt", "runtime",
      "config", "messages", "messages/items", "messages/text"}},
    {"actors/inbound",
     {"actors", "runtime/status", "runtime/mqtt", "runtime", "messages/requests", "messages",
      "messages/text"}},
    {"actors/home_assistant", {"actors", "runtime", "messages/home_assistant", "messages/insights"}},
    {"actors/delivery/outbox", {"runtime/accounting", "messages", "messages/rules"}},
    {"actors/encoding", {"actors", "runtime", "messages/encode", "messages"}},
    {"actors/insights", {"actors", "runtime", "messages/insights"}},
    {"actors/ingest",
     {"actors", "runtime/udp", "runtime", "messages/folding", "messages/insights", "messages/items"}},
    {"actors/polling",
     {"actors", "runtime/http", "runtime", "messages/insights", "messages", "messages/items",
      "messages/text"}},
    {"actors",
     {"runtime/accounting", "runtime/etcd", "runtime/http", "runtime/mqtt", "runtime/net", "runtime",
      "messages", "messages/items"}},
    {"runtime/admin", {"runtime/status", "runtime/accounting", "runtime/net", "runtime", "messages/text"}},
    {"runtime/status", {"runtime/accounting", "runtime/spool", "runtime", "messages", "messages/text"}},
    {"runtime/accounting", {"runtime", "messages", "messages/insights", "messages/items", "messages/text"}},
    {"runtime/mqtt", {"runtime/net", "runtime", "config/files", "messages", "messages/text"}},
    {"runtime/spool", {"runtime", "messages"}},
    {"runtime/etcd", {"runtime/http", "runtime/net", "runtime", "config/files", "messages/text"}},
    {"runtime/http", {"runtime/net", "runtime", "config/files"}},
    {"runtime/udp", {"runtime/net"}},
    {"runtime/net", {"config/files"}},
    {"runtime", {}},
    {"config/printing", {"config/schema", "config"}},
    {"config/reading", {"config/schema", "config/files", "config"}},
    {"config/schema", {"config"}},
    {"config", {}},
    {"config/files", {}},
    {"messages/home_assistant", {"messages/text"}},
    {"messages/encode", {"messages/rules", "messages", "messages/items", "messages/text"}},
    {"messages/folding", {"messages/items", "messages/text"}},
    {"messages/insights", {"messages/rules", "messages", "messages/items", "messages/text"}},
    {"messages/rules", {"messages", "messages/items", "messages/text"}},
    {"messages/requests", {"messages", "messages/text"}},
    {"messages", {"messages/items"}},
    {"messages/items", {"messages/text"}},
    {"messages/text", {}},
};

/// The parts of config/ that put its folders to work.
const std::map<std::string, names> also{
    {"config/load.cpp", {"config/files", "config/reading", "config/schema"}},
    {"config/print.cpp", {"config/printing", "config/schema"}},
    {"config/catalogue.cpp", {"config/printing", "config/schema"}},
    {"config/effective.cpp", {"config/printing", "config/schema"}},
};

std::string folder_of(const std::string& file) {
  return file == "runtime/main.cpp" ? file : std::filesystem::path(file).parent_path().string();
}

bool holds(const names& xs, const std::string& x) { return std::find(xs.begin(), xs.end(), x) != xs.end(); }

/// Source -> what it includes, of the product's files.
std::map<std::string, names> includes() {
  std::map<std::string, names> result;
  const std::regex line{"^#include \"([^\"]+)\""};
  for (auto top : {"messages", "config", "runtime", "actors"})
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(senseflow::test::source_path(top))) {
      auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      auto name = std::filesystem::relative(entry.path(), senseflow::test::source_path("")).string();
      auto& found = result[name];
      std::ifstream in(entry.path());
      std::smatch match;
      for (std::string text; std::getline(in, text);)
        if (std::regex_search(text, match, line)) found.push_back(match[1]);
    }
  return result;
}

/// The first word of each text in backquotes, without the ending of a source.
names named_in(const std::filesystem::path& readme) {
  names result;
  std::ifstream in{readme};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::regex word{"`([^` \n]+?)(\\.[ch]pp)?( [^`\n]*)?`"};
  for (std::sregex_iterator i{text.begin(), text.end(), word}, end; i != end; ++i) result.push_back((*i)[1]);
  return result;
}

} // namespace

CAF_TEST(the table of floors has no arrow back up) {
  names above;
  for (const auto& [folder, uses] : floors) {
    CAF_CHECK(!holds(above, folder));
    for (const auto& used : uses) CAF_CHECK(!holds(above, used) && used != folder);
    above.push_back(folder);
  }
}

CAF_TEST(every include of the product is one that the table allows) {
  const auto all = includes();
  CAF_CHECK(all.size() > 150);
  std::set<std::string> unused, faults;
  for (const auto& [folder, uses] : floors)
    for (const auto& x : uses) unused.insert(folder + " -> " + x);
  for (const auto& [file, included] : all) {
    auto folder = folder_of(file);
    auto floor = std::find_if(floors.begin(), floors.end(), [&](const auto& f) { return f.first == folder; });
    if (floor == floors.end()) {
      faults.insert(folder + " is not in the table of floors");
      continue;
    }
    for (const auto& x : included) {
      auto used = folder_of(x);
      unused.erase(folder + " -> " + used);
      auto exceptions = also.find(file);
      bool excepted = exceptions != also.end() && holds(exceptions->second, used);
      if (used != folder && !holds(floor->second, used) && !excepted) faults.insert(file + " includes " + x);
      if (all.count(x) == 0) faults.insert(file + " includes " + x + ", which is not there");
    }
  }
  for (const auto& x : faults) CAF_ERROR(x);
  for (const auto& x : unused) CAF_ERROR("nothing uses " << x << ": it can go from the table");
}

CAF_TEST(no file includes itself over others) {
  const auto all = includes();
  std::map<std::string, int> state; // 1 = being visited, 2 = done
  std::function<void(const std::string&)> visit = [&](const std::string& file) {
    auto& here = state[file];
    if (here == 2) return;
    if (here == 1) {
      CAF_ERROR("an include runs in a circle through " << file);
      return;
    }
    here = 1;
    auto found = all.find(file);
    if (found != all.end())
      for (const auto& x : found->second) visit(x);
    state[file] = 2;
  };
  for (const auto& [file, included] : all) visit(file);
  CAF_CHECK(true);
}

CAF_TEST(each unit is named in the readme of its folder or of the one above) {
  namespace fs = std::filesystem;
  const fs::path top = senseflow::test::source_path("");
  std::map<fs::path, names> named;
  std::set<std::string> missing;
  for (const auto* folder : {"messages", "config", "runtime", "actors", "bench", "test/support"})
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
      auto readme = entry.path().parent_path() / "README.md";
      while (!fs::exists(readme)) readme = readme.parent_path().parent_path() / "README.md";
      const auto known = named.emplace(readme, names{});
      if (known.second) known.first->second = named_in(readme);
      const auto unit = fs::relative(entry.path(), top).replace_extension().string();
      const auto names_it = [&](const auto& x) {
        return ::fnmatch(("*/" + x).c_str(), unit.c_str(), 0) == 0;
      };
      const auto& words = known.first->second;
      if (std::none_of(words.begin(), words.end(), names_it))
        missing.insert(unit + " is not named in " + fs::relative(readme, top).string());
    }
  for (const auto& x : missing) CAF_ERROR(x);
  CAF_CHECK(named.size() > 10);
}
