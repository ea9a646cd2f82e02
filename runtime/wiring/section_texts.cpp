#include "runtime/wiring/section_texts.hpp"

#include <algorithm>

namespace senseflow::runtime {

namespace {

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool below(std::string_view path, std::string_view section) {
  return starts_with(path, section) &&
         (path.size() == section.size() || path[section.size()] == '.' || path[section.size()] == '[');
}

} // namespace

std::string section_texts::of(const sections& some, const sections& but) const {
  const auto any = [](const sections& xs, std::string_view path) {
    return std::any_of(xs.begin(), xs.end(), [&](auto x) { return below(path, x); });
  };
  std::string result;
  for (const auto& x : all_)
    if (any(some, x.path) && !any(but, x.path)) result += x.path + ": " + x.value + '\n';
  return result;
}

std::vector<std::string> section_texts::of_servers(size_t count) const {
  constexpr std::string_view list = "serversToMonitor.servers[";
  std::vector<std::string> result(count);
  for (const auto& x : all_) {
    if (!starts_with(x.path, list)) continue;
    const auto end = x.path.find(']');
    result.at(std::stoul(x.path.substr(list.size()))) += x.path.substr(end + 1) + ": " + x.value + '\n';
  }
  return result;
}

} // namespace senseflow::runtime
