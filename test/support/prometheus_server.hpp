// A real Prometheus of a test's own, on loopback, that scrapes one port every second.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_get.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace senseflow::test {

class prometheus_server {
public:
  explicit prometheus_server(uint16_t target) {
    const auto config = directory_ / "prometheus.yml";
    std::ofstream{config}
        << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
           "scrape_configs:\n- job_name: senseflow\n  static_configs:\n  - targets: ['127.0.0.1:"
        << target << "']\n";
    for (int attempt = 0; attempt < 5; ++attempt) {
      port_ = free_port();
      process_ = std::make_unique<child_process>(std::vector<std::string>{
          "prometheus", "--config.file=" + config, "--storage.tsdb.path=" + (directory_ / "data"),
          "--web.listen-address=127.0.0.1:" + std::to_string(port_)});
      if (!process_->wait_for_line("Server is ready", std::chrono::seconds(30)).empty()) return;
    }
    throw std::runtime_error("Prometheus does not start: " + process_->output());
  }

  /// The value of an expression that has one; nothing if there is none yet.
  std::optional<double> value(const std::string& expression) const {
    const auto x = http_get(port_, "/api/v1/query?query=" + encoded(expression));
    const auto answer = nlohmann::json::parse(x.body, nullptr, false);
    if (answer.is_discarded() || answer.value("status", "") != "success")
      throw std::runtime_error("Prometheus says: " + x.head + x.body);
    const auto& result = answer["data"]["result"];
    if (result.empty()) return std::nullopt;
    return std::stod(result[0]["value"][1].get<std::string>());
  }

private:
  static std::string encoded(const std::string& text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    for (const char x : text) {
      const auto c = static_cast<unsigned char>(x);
      if (std::isalnum(c)) {
        result += x;
        continue;
      }
      result += {'%', digits[c >> 4], digits[c & 15]};
    }
    return result;
  }

  temp_dir directory_;
  uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

} // namespace senseflow::test
