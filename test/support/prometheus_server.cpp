#include "test/support/prometheus_server.hpp"

#include "test/support/free_port.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace senseflow::test {

using namespace std::chrono_literals;

prometheus_server::prometheus_server(uint16_t target, const std::vector<std::string>& rule_files) {
  const auto file = directory_ / "prometheus.yml";
  const auto address = "127.0.0.1:" + std::to_string(target);
  auto config = nlohmann::json::parse(R"({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
    "scrape_configs": [{"job_name": "senseflow", "static_configs": [{}]}]})");
  config["scrape_configs"][0]["static_configs"][0]["targets"] = {address};
  config["rule_files"] = rule_files;
  std::ofstream{file} << config;
  for (int tries = 0; tries < 20; ++tries) {
    port_ = free_port();
    process_ = std::make_unique<child_process>(std::vector<std::string>{
        "prometheus", "--config.file=" + file, "--storage.tsdb.path=" + (directory_ / "data"),
        "--web.listen-address=127.0.0.1:" + std::to_string(port_)});
    if (!process_->wait_for_line("Server is ready to receive web requests", 20s).empty()) return;
  }
  throw std::runtime_error("Prometheus does not start: " + log());
}

nlohmann::json prometheus_server::query(const std::string& expression) const {
  child_process tool{{"promtool", "query", "instant", "--format=json",
                      "http://127.0.0.1:" + std::to_string(port_), expression}};
  const auto code = tool.wait(20s);
  if (!code || *code != 0) throw std::runtime_error(expression + ": " + tool.output());
  return nlohmann::json::parse(tool.output());
}

std::optional<double> prometheus_server::value(const std::string& expression) const {
  const auto result = query(expression);
  if (result.empty()) return std::nullopt;
  return std::stod(result[0].at("value").at(1).get<std::string>());
}

} // namespace senseflow::test
