// What the kernel knows of this process.
#pragma once

#include <cstdint>

namespace senseflow::runtime {

struct process_figures {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0; ///< user and system
  uint64_t open_files = 0, max_files = 0, threads = 0;
};

/// What can't be had is 0.
process_figures figures_of_process();

} // namespace senseflow::runtime
