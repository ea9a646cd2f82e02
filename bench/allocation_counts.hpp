// The file in which count_allocations counts and which others map to read: layout only, filled with zeros at
// first. Numbers only grow; a reader takes the difference of two moments.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace senseflow::bench {

struct allocation_counts {
  static constexpr size_t most_libraries = 64, most_sites = 1 << 14;
  static constexpr size_t large_bytes = 1024; ///< from here on glibc's malloc may consolidate

  /// The program itself has an empty path. Slots are taken in order; `map` is not 0 from then on.
  struct library {
    std::atomic<uint64_t> map; ///< the loader's name for it
    std::atomic<uint64_t> calls;
    uint64_t base; ///< address - base is what addr2line wants
    char path[104];
  };
  /// A place in the code that allocates, with its callers, the innermost first; a slot is taken by `key`.
  struct site {
    static constexpr size_t most_frames = 12;
    std::atomic<uint64_t> key;
    std::atomic<uint64_t> calls;
    std::array<uint64_t, most_frames> frames; ///< 0: no more
  };

  std::atomic<uint64_t> calls; ///< of malloc, calloc, realloc, aligned_alloc and the like, operator new
  std::atomic<uint64_t> bytes;
  std::atomic<uint64_t> large; ///< calls for `large_bytes` and more
  std::array<library, most_libraries> libraries;
  std::array<site, most_sites> sites; ///< what finds no slot near its own is in `calls` only
};

} // namespace senseflow::bench
