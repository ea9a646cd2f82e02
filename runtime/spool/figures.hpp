// How full the spool is, for whoever looks on.
#pragma once

#include <cstdint>

namespace senseflow::runtime {

struct spool_figures {
  uint64_t bytes = 0;      ///< of entries
  uint64_t free_bytes = 0; ///< on the file system
  int64_t oldest_ms = 0;   ///< Unix time at which the oldest entry was accepted; 0 = there is none
};

} // namespace senseflow::runtime
