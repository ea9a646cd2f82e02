// Configuration files: what loads without faults prints, loads again and prints the same; faults are one
// readable line each.
#include "config/load.hpp"
#include "config/print.hpp"
#include "test/fuzz/invariants.hpp"

#include <string>
#include <vector>

using namespace senseflow;

namespace {

void check_faults(const std::vector<config::fault>& faults) {
  for (const auto& x : faults) {
    const auto line = to_string(x);
    fuzz::check_utf8(line, "a fault");
    fuzz::require(fuzz::is_one_line(line), "a fault is one line without control characters", line);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto first = config::load_text(std::string{fuzz::to_text(data, size)}, "fuzz.yaml");
  check_faults(first.faults);
  check_faults(first.warnings);
  for (const auto& x : first.not_served) fuzz::check_utf8(x, "a key");
  if (!first) return 0;
  const auto printed = config::print(first.value);
  const auto second = config::load_text(printed, "printed.yaml");
  if (!second)
    fuzz::require(false, "what is printed loads", to_string(second.faults.front()) + "\n" + printed);
  fuzz::require(config::print(second.value) == printed, "what is printed prints the same again", printed);
  return 0;
}
