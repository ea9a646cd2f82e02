#include "runtime/spool/directory.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace senseflow::runtime {

namespace fs = std::filesystem;

spool_directory::trouble spool_directory::take() {
  if (locked()) return {};
  let_go();
  std::error_code error;
  const auto existed = fs::exists(path_, error);
  fs::create_directories(path_, error);
  if (error) return {fmt::format("the directory {} can't be made ({})", path_, error.message())};
  if (!existed) fs::permissions(path_, fs::perms::owner_all, error); // events hold names of people
  const auto name = lock_file();
  const auto fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return {fmt::format("{} can't be written ({})", name, std::strerror(errno))};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char text[32] = {};
    auto n = ::pread(fd, text, sizeof text - 1, 0);
    auto pid = n > 0 ? std::strtol(text, nullptr, 10) : 0;
    ::close(fd);
    return {pid > 0 ? fmt::format("another process (pid {}) uses it", pid) : "another process uses it", true};
  }
  auto pid = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
  } // only for the message above
  lock_ = fd;
  return {};
}

/// Without its name others could have a lock, too.
bool spool_directory::locked() const {
  struct stat ours {};
  struct stat named {};
  return lock_ >= 0 && ::fstat(lock_, &ours) == 0 &&
         (::stat(lock_file().c_str(), &named) == 0
              ? ours.st_ino == named.st_ino && ours.st_dev == named.st_dev
              : errno != ENOENT && errno != ENOTDIR);
}

void spool_directory::let_go() {
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
}

void spool_directory::remember_file() {
  struct stat x {};
  if (::stat(file().c_str(), &x) == 0) file_ = {x.st_dev, x.st_ino};
}

bool spool_directory::file_gone() const {
  struct stat x {};
  if (::stat(file().c_str(), &x) != 0) return errno == ENOENT || errno == ENOTDIR;
  return file_ != std::pair<uint64_t, uint64_t>{x.st_dev, x.st_ino};
}

uint64_t spool_directory::free_bytes() const {
  struct statvfs x {};
  if (::statvfs(path_.c_str(), &x) != 0) return UINT64_MAX; // writing will tell
  return static_cast<uint64_t>(x.f_bavail) * x.f_frsize;
}

} // namespace senseflow::runtime
