#include "test/support/aedes_broker.hpp"

#include "test/support/free_port.hpp"
#include "test/support/paths.hpp"

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

/// Copies the few files of ours there, and has npm add what they need.
void install(const path& source, const path& to) {
  std::filesystem::create_directories(to);
  directory_lock lock(to / "lock");
  const auto installed = to / "installed"; // the package.json that npm has carried out
  std::filesystem::copy_file(source / "broker.js", to / "broker.js",
                             std::filesystem::copy_options::overwrite_existing);
  if (content(installed) == content(source / "package.json")) return;
  std::filesystem::copy_file(source / "package.json", to / "package.json",
                             std::filesystem::copy_options::overwrite_existing);
  child_process npm({"npm", "install", "--prefix", to, "--no-package-lock", "--no-audit", "--no-fund",
                     "--ignore-scripts", "--fetch-retries=2", "--fetch-timeout=20000"});
  if (npm.wait(150s) != 0)
    throw std::runtime_error(
        "npm can't install the broker aedes. This test needs the npm package registry: check "
        "the network and npm's configuration (npm ping).\n" +
        npm.output());
  std::filesystem::copy_file(source / "package.json", installed,
                             std::filesystem::copy_options::overwrite_existing);
}

} // namespace

aedes_broker::aedes_broker(const std::string& directory, const aedes_options& options) {
  install(source_path("test/support/aedes"), directory);
  for (int tries = 0; tries < 20; ++tries) {
    port_ = free_port();
    std::vector<std::string> command{"node", path{directory} / "broker.js", std::to_string(port_)};
    if (!options.username.empty()) {
      command.push_back(options.username);
      command.push_back(options.password);
    }
    process_ = std::make_unique<child_process>(command);
    if (!process_->wait_for_line("running", 20s).empty()) return;
  }
  throw std::runtime_error("aedes does not start: " + log());
}

} // namespace senseflow::test
