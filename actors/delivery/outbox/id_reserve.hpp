// Ids that grow over restarts, whatever the wall clock does: the disk knows a limit that they do not reach.
#pragma once

#include <cstdint>

namespace senseflow::actors {

/// Not thread-safe. The limit is written down ahead of time: giving out an id never waits for the disk.
class id_reserve {
public:
  static constexpr uint64_t ahead = 1'000'000;

  /// The ids up to `last` are taken; whoever opened the disk has written down the first limit.
  explicit id_reserve(uint64_t last = 0) : last_(last), known_(limit()) {}

  uint64_t next() { return ++last_; }
  uint64_t last() const { return last_; }

  /// What the disk is to know. It is time to tell it when half of the reserve is used up.
  uint64_t limit() const { return last_ + 1 + ahead; }
  bool due() const { return last_ + ahead / 2 >= known_; }
  void written(uint64_t limit) { known_ = limit; }
  void lost() { known_ = 0; }

private:
  uint64_t last_;
  uint64_t known_; ///< by the disk
};

} // namespace senseflow::actors
