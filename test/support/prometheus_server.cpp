#include "test/support/prometheus_server.hpp"

#include "test/support/free_port.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace senseflow::test {

using namespace std::chrono_literals;

prometheus_server::prometheus_server(const std::string& target, const std::vector<std::string>& rule_files) {
  const auto file = directory_ / "prometheus.yml";
  const nlohmann::json scrape{{"job_name", "senseflow"}, {"static_configs", {{{"targets", {target}}}}}};
  std::ofstream{file} << nlohmann::json{
      {"global", {{"scrape_interval", "1s"}, {"evaluation_interval", "1s"}}},
      {"rule_files", rule_files},
      {"scrape_configs", {scrape}}};
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

} // namespace senseflow::test
