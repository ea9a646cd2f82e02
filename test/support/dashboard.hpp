// A Grafana dashboard as a test sees it: config/grafana.
#pragma once

#include "test/support/paths.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

inline nlohmann::json dashboard(const std::string& name) {
  std::ifstream in{source_path("config/grafana/" + name + ".json")};
  return nlohmann::json::parse(in);
}

/// The title of a panel and an expression of it, of all panels.
inline std::vector<std::pair<std::string, std::string>> expressions(const nlohmann::json& board) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& panel : board.at("panels"))
    for (const auto& target : panel.at("targets"))
      result.emplace_back(panel.at("title").get<std::string>(), target.at("expr").get<std::string>());
  return result;
}

/// As Grafana asks for it when everything is chosen.
inline std::string filled_in(const std::string& expression, const std::string& rate_interval) {
  auto x = std::regex_replace(expression, std::regex{"\\$__rate_interval"}, rate_interval);
  return std::regex_replace(x, std::regex{"\\$(job|instance)\\b"}, ".+");
}

} // namespace senseflow::test
