// Loaded before a program (LD_PRELOAD): its calls on files below SILENT_DISK do not return while the file
// SILENT_DISK_SWITCH exists, as with a disk, or a server of files, that does not answer. Works everywhere and
// needs no rights; unlike a frozen file system it lets the process end.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

/// Descriptors of files below SILENT_DISK.
std::array<std::atomic<bool>, 65536> there;

const char* const below = std::getenv("SILENT_DISK");
const char* const switched = std::getenv("SILENT_DISK_SWITCH");

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool is_there(const char* path) {
  return below != nullptr && path != nullptr && std::strncmp(path, below, std::strlen(below)) == 0;
}
bool is_there(int fd) {
  return fd >= 0 && fd < static_cast<int>(there.size()) && there[static_cast<size_t>(fd)];
}
bool is_there(FILE* f) { return f != nullptr && is_there(fileno(f)); }

int opened(const char* path, int fd) {
  if (fd >= 0 && fd < static_cast<int>(there.size())) there[static_cast<size_t>(fd)] = is_there(path);
  return fd;
}

template <class T>
void wait_for_disk(T x) {
  static const auto exists = next<int (*)(const char*, int)>("access");
  if (!is_there(x) || switched == nullptr) return;
  const timespec pause{0, 2'000'000};
  while (exists(switched, F_OK) == 0) nanosleep(&pause, nullptr);
}

} // namespace

// NAME(parameters) that waits for what its parameter X is on: (return type, name, parameters, arguments, x)
#define WAITING(R, NAME, PARAMETERS, ARGUMENTS, X)                                                           \
  R NAME PARAMETERS {                                                                                        \
    static const auto f = next<R(*) PARAMETERS>(#NAME);                                                      \
    wait_for_disk(X);                                                                                        \
    return f ARGUMENTS;                                                                                      \
  }

// The same for what opens a file with a mode that may be missing.
#define OPENING(NAME)                                                                                        \
  int NAME(const char* path, int flags, ...) {                                                               \
    static const auto f = next<int (*)(const char*, int, ...)>(#NAME);                                       \
    va_list more;                                                                                            \
    va_start(more, flags);                                                                                   \
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{0};                             \
    va_end(more);                                                                                            \
    wait_for_disk(path);                                                                                     \
    return opened(path, f(path, flags, mode));                                                               \
  }

#define OPENING_STREAM(NAME)                                                                                 \
  FILE* NAME(const char* path, const char* mode) {                                                           \
    static const auto f = next<FILE* (*)(const char*, const char*)>(#NAME);                                  \
    wait_for_disk(path);                                                                                     \
    auto* result = f(path, mode);                                                                            \
    if (result != nullptr) opened(path, fileno(result));                                                     \
    return result;                                                                                           \
  }

extern "C" {

OPENING(open)
OPENING(open64)
OPENING_STREAM(fopen)
OPENING_STREAM(fopen64)

int close(int fd) {
  static const auto f = next<int (*)(int)>("close");
  opened(nullptr, fd);
  return f(fd);
}

/// It closes its descriptor without `close`: that may be a socket next.
int fclose(FILE* x) {
  static const auto f = next<int (*)(FILE*)>("fclose");
  wait_for_disk(x);
  if (x != nullptr) opened(nullptr, fileno(x));
  return f(x);
}

WAITING(ssize_t, read, (int fd, void* to, size_t n), (fd, to, n), fd)
WAITING(ssize_t, pread, (int fd, void* to, size_t n, off_t at), (fd, to, n, at), fd)
WAITING(ssize_t, pread64, (int fd, void* to, size_t n, off64_t at), (fd, to, n, at), fd)
WAITING(ssize_t, write, (int fd, const void* from, size_t n), (fd, from, n), fd)
WAITING(ssize_t, writev, (int fd, const iovec* from, int n), (fd, from, n), fd)
WAITING(ssize_t, pwrite, (int fd, const void* from, size_t n, off_t at), (fd, from, n, at), fd)
WAITING(ssize_t, pwrite64, (int fd, const void* from, size_t n, off64_t at), (fd, from, n, at), fd)
WAITING(int, fsync, (int fd), (fd), fd)
WAITING(int, fdatasync, (int fd), (fd), fd)
WAITING(int, ftruncate, (int fd, off_t n), (fd, n), fd)
WAITING(int, ftruncate64, (int fd, off64_t n), (fd, n), fd)
WAITING(int, posix_fallocate, (int fd, off_t at, off_t n), (fd, at, n), fd)
WAITING(int, posix_fallocate64, (int fd, off64_t at, off64_t n), (fd, at, n), fd)
WAITING(size_t, fwrite, (const void* from, size_t size, size_t n, FILE* to), (from, size, n, to), to)
WAITING(int, fflush, (FILE * x), (x), x)
WAITING(int, access, (const char* path, int mode), (path, mode), path)
WAITING(int, unlink, (const char* path), (path), path)
WAITING(int, rename, (const char* from, const char* to), (from, to), from)
WAITING(int, mkdir, (const char* path, mode_t mode), (path, mode), path)
WAITING(int, stat, (const char* path, struct stat* to), (path, to), path)
WAITING(int, lstat, (const char* path, struct stat* to), (path, to), path)
WAITING(int, stat64, (const char* path, struct stat64* to), (path, to), path)
WAITING(int, lstat64, (const char* path, struct stat64* to), (path, to), path)
WAITING(int, statvfs, (const char* path, struct statvfs* to), (path, to), path)
WAITING(DIR*, opendir, (const char* path), (path), path)

} // extern "C"
