// A file system of a test's own that can be filled up. Needs the right to mount.
#pragma once

#include <string>

namespace senseflow::test {

class small_disk {
public:
  /// Mounts a file system in memory at `directory`, which is made; check `mounted`.
  small_disk(std::string directory, size_t bytes);
  ~small_disk();
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  bool mounted() const { return mounted_; } ///< false: the directory is an ordinary one

  void fill(); ///< until not a byte is free; what frees space later, can be used again
  void free(); ///< gives back what `fill` took

private:
  const std::string directory_;
  bool mounted_ = false;
};

} // namespace senseflow::test
