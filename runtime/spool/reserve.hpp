// Disk space that is kept for removing what is on disk when there is no other: removing takes space, too.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace senseflow::runtime {

/// A file of that size. Not thread-safe; may block as long as the disk does.
class spool_reserve {
public:
  /// Without bytes there is none, and it is always there.
  spool_reserve(std::string path, uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  bool there() const { return there_ || bytes_ == 0; }

  /// Sets the space aside if twice as much is free; false if it is not there.
  bool make(uint64_t free_bytes);
  void use();                       ///< gives the space back
  void forget() { there_ = false; } ///< the file has gone with its directory

private:
  std::string path_;
  uint64_t bytes_;
  bool there_ = false;
};

} // namespace senseflow::runtime
