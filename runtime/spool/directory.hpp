// Where a spool is: a directory that one process has for itself, as long as nobody takes it away.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace senseflow::runtime {

/// Not thread-safe; may block as long as the disk does.
class spool_directory {
public:
  explicit spool_directory(std::string path) : path_(std::move(path)) {}
  ~spool_directory() { let_go(); }
  spool_directory(const spool_directory&) = delete;
  spool_directory& operator=(const spool_directory&) = delete;

  struct trouble {
    std::string problem; ///< empty = none
    bool in_use = false; ///< by another process
  };

  /// Makes it if need be and locks it. Nothing is to be done while the lock is there and ours.
  trouble take();
  void let_go();

  const std::string& path() const { return path_; }
  std::string file() const { return path_ + "/spool.sqlite"; }

  /// The file that is open now is the one of that name.
  void remember_file();
  /// It has that name no more: removed, moved or replaced, alone or with the directory. Unlike one that can't be
  /// looked at just now.
  bool file_gone() const;

  uint64_t free_bytes() const;

private:
  std::string lock_file() const { return path_ + "/spool.lock"; }
  bool locked() const;

  std::string path_;
  int lock_ = -1;
  std::pair<uint64_t, uint64_t> file_{}; ///< device and inode
};

} // namespace senseflow::runtime
