// All findings, for people and for programs. Pure functions.
#pragma once

#include "runtime/probe/finding.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace senseflow::runtime::probe {

/// Exit codes of the command.
enum verdict : int { exit_well = 0, exit_found = 1, exit_usage = 2 };

struct report {
  std::string file; ///< the configuration
  std::string version;
  findings found;
  std::chrono::milliseconds took{0};
};

struct table_style {
  size_t width = 0; ///< of a line; 0 = as long as it takes
  bool colours = false;
  size_t most_subjects = 20; ///< beyond that, those without trouble get a single line
};

/// A failure found: `exit_found`. Warnings are no failures.
verdict verdict_of(const report& x);

/// Subject by subject, in order; then what to do.
std::string to_table(const report& x, const table_style& style);

/// {"file","version","result":"good|warning|failed","tookMs","counts":{…},
///  "checks":[{"subject","check","result","code","fact","cause","next"},…]}
std::string to_json(const report& x);

} // namespace senseflow::runtime::probe
