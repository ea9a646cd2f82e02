// What this process has written to its log.
#pragma once

#include "runtime/log.hpp"

#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace senseflow::test {

/// Since this object was made. Lines lose their time: "warn: text".
class logged {
public:
  logged() : begin_(text().size()) {}

  std::vector<std::string> lines() const {
    std::istringstream in{text().substr(begin_)};
    std::vector<std::string> result;
    for (std::string x; std::getline(in, x);)
      if (const auto at = x.find(' '); at != x.npos) result.push_back(x.substr(at + 1));
    return result;
  }

  /// Those that hold this.
  std::vector<std::string> lines(const std::string& part) const {
    auto result = lines();
    result.erase(
        std::remove_if(result.begin(), result.end(), [&](const auto& x) { return x.find(part) == x.npos; }),
        result.end());
    return result;
  }

private:
  static const temp_dir& directory() {
    static const temp_dir result;
    static const auto started = runtime::log::start({runtime::log::level::info, false, result.path()});
    return result;
  }

  static std::string text() {
    std::string result;
    const auto& d = directory();
    runtime::log::flush();
    for (const auto& x : std::filesystem::directory_iterator(d.path())) {
      std::ostringstream out;
      out << std::ifstream{x.path()}.rdbuf();
      result += out.str();
    }
    return result;
  }

  size_t begin_;
};

} // namespace senseflow::test
