#include "runtime/spool/reserve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace senseflow::runtime {

bool spool_reserve::make(uint64_t free_bytes) {
  if (there()) return true;
  const auto fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  struct stat now {};
  const auto made = ::fstat(fd, &now) == 0 && static_cast<uint64_t>(now.st_blocks) * 512 >= bytes_;
  there_ = made || (free_bytes >= 2 * bytes_ && ::posix_fallocate(fd, 0, static_cast<off_t>(bytes_)) == 0);
  ::close(fd);
  if (!there_) use();
  return there_;
}

void spool_reserve::use() {
  ::unlink(path_.c_str());
  there_ = false;
}

} // namespace senseflow::runtime
