#include "test/support/npm.hpp"

#include "test/support/child_process.hpp"

#include <sys/file.h>
#include <unistd.h>

#include <fcntl.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace senseflow::test {
namespace {

using namespace std::chrono_literals;
using std::filesystem::path;

/// Tests that run at the same time install once.
class directory_lock {
public:
  explicit directory_lock(const path& file) : fd_(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0) throw std::runtime_error("can't lock " + file.string());
  }
  ~directory_lock() { ::close(fd_); }
  directory_lock(const directory_lock&) = delete;
  directory_lock& operator=(const directory_lock&) = delete;

private:
  int fd_;
};

std::string content(const path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

void npm_install(const std::string& source, const std::string& directory) {
  const path to = directory;
  using options = std::filesystem::copy_options;
  std::filesystem::create_directories(to);
  directory_lock lock(to / "lock");
  std::filesystem::copy(source, to, options::recursive | options::overwrite_existing);
  const auto installed = to / "installed"; // the package.json that npm has carried out
  if (content(installed) == content(to / "package.json")) return;
  child_process npm({"npm", "install", "--prefix", to, "--no-package-lock", "--no-audit", "--no-fund",
                     "--ignore-scripts", "--omit=optional", "--prefer-offline", "--fetch-retries=2",
                     "--fetch-timeout=20000"});
  if (npm.wait(220s) != 0) {
    std::filesystem::remove_all(to / "node_modules"); // half of it; what was fetched is in npm's cache
    throw std::runtime_error(
        "npm can't install what " + source +
        " needs. This test needs the npm package registry: check the network and npm's configuration "
        "(npm ping).\n" +
        npm.output());
  }
  std::filesystem::copy_file(to / "package.json", installed, options::overwrite_existing);
}

} // namespace senseflow::test
