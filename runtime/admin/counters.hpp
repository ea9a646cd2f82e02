// Under which name, and with which words, each counter of the program is shown.
#pragma once

#include <string_view>
#include <vector>

namespace senseflow::runtime {

struct shown_counter {
  std::string_view counted; ///< as in `metrics::count`
  std::string_view shown;   ///< without the prefix
  std::string_view help;
  double unit = 1; ///< what is shown of each one that is counted
};

/// By the name that is shown. Every name that is counted anywhere is in it.
const std::vector<shown_counter>& shown_counters();

} // namespace senseflow::runtime
