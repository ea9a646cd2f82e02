// A real Prometheus of a test's own, on loopback, that scrapes one target each second.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::test {

/// Starts at once, on a free port. Not thread-safe.
class prometheus_server {
public:
  /// A port on loopback is scraped as the job `senseflow`; rules are evaluated each second.
  explicit prometheus_server(uint16_t target, const std::vector<std::string>& rule_files = {});

  /// What an expression has at this moment: a list of objects with `metric` and `value`. Throws when Prometheus
  /// does not understand it.
  nlohmann::json query(const std::string& expression) const;

  /// The value of an expression that has one; nothing if there is none yet.
  std::optional<double> value(const std::string& expression) const;

  std::string log() const { return process_->output(); }

private:
  temp_dir directory_;
  uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

} // namespace senseflow::test
