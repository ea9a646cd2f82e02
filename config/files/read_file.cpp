#include "config/files/read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace senseflow::config::files {

namespace {

struct descriptor {
  int fd;
  ~descriptor() {
    if (fd >= 0) close(fd);
  }
};

file_content failed(int error) {
  if (error == ENOENT || error == ENOTDIR)
    return {"", "does not exist", "Check the path; relative paths begin where the program was started."};
  return {"", std::string("cannot be read: ") + std::strerror(error), "Check the path and its permissions."};
}

} // namespace

file_content read_file(const std::string& path, size_t max_bytes) {
  // Opening a pipe would wait for a writer without O_NONBLOCK.
  descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return failed(errno);
  struct stat status {};
  if (fstat(file.fd, &status) != 0) return failed(errno);
  if (S_ISDIR(status.st_mode)) return {"", "is a directory", "Give the path of a file."};
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
    return {"", "is a device", "Give the path of a file."};
  if (!S_ISREG(status.st_mode)) return {"", "is a pipe or socket", "Give the path of a file."};
  std::string text;
  char buffer[65536];
  while (true) {
    auto count = read(file.fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) return {std::move(text), "", ""};
    text.append(buffer, static_cast<size_t>(count));
    if (text.size() > max_bytes)
      return {"", "is larger than " + std::to_string(max_bytes) + " bytes", "Is it the right file?"};
  }
}

} // namespace senseflow::config::files
