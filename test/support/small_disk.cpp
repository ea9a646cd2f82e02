#include "test/support/small_disk.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <vector>

namespace senseflow::test {

small_disk::small_disk(std::string directory, size_t bytes) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
  const auto size = "size=" + std::to_string(bytes);
  mounted_ = ::mount("tmpfs", directory_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, size.c_str()) == 0;
}

small_disk::~small_disk() {
  if (mounted_) ::umount2(directory_.c_str(), MNT_DETACH);
}

void small_disk::fill() {
  const auto fd = ::open((directory_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error(directory_ + " can't be filled");
  // Halves the piece when it does not fit any more: others may write beside us.
  for (std::vector<char> piece(1u << 20); !piece.empty();)
    if (::write(fd, piece.data(), piece.size()) <= 0) piece.resize(piece.size() / 2);
  ::close(fd);
}

void small_disk::free() { std::filesystem::remove(directory_ + "/filler"); }

} // namespace senseflow::test
