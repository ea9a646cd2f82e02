#include "test/support/child_process.hpp"

#include "test/support/eventually.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace senseflow::test {
namespace {

std::vector<std::string> merged(const std::vector<child_process::setting>& added) {
  std::vector<std::string> result;
  for (const auto& s : added) result.push_back(s.name + "=" + s.value);
  for (auto** e = environ; *e != nullptr; ++e) {
    const std::string entry = *e;
    auto replaced = false;
    for (const auto& s : added) replaced = replaced || entry.compare(0, s.name.size() + 1, s.name + "=") == 0;
    if (!replaced) result.push_back(entry);
  }
  return result;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const auto& t : texts) result.push_back(const_cast<char*>(t.c_str()));
  result.push_back(nullptr);
  return result;
}

} // namespace

child_process::child_process(const std::vector<std::string>& command, const std::vector<setting>& environment,
                             const std::vector<int>& descriptors) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::system_category(), "pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::vector<int> copies; // out of the way of each other
  for (const int fd : descriptors) {
    copies.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, 100));
    ::posix_spawn_file_actions_adddup2(&actions, copies.back(), 2 + static_cast<int>(copies.size()));
  }
  // A port of the test's would stay open with it.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3 + static_cast<int>(copies.size()));
  const auto variables = merged(environment);
  const auto rc = ::posix_spawnp(&pid_, command.at(0).c_str(), &actions, nullptr, pointers(command).data(),
                                 pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  for (const int fd : copies) ::close(fd);
  ::close(ends[1]);
  if (rc != 0) {
    ::close(ends[0]);
    throw std::system_error(rc, std::system_category(), "can't start " + command[0]);
  }
  reader_ = std::thread([this, fd = ends[0]] { read(fd); });
}

child_process::~child_process() {
  if (running()) {
    signal(SIGCONT);
    signal(SIGKILL);
    wait();
  }
  reader_.join();
}

void child_process::read(int fd) {
  char bytes[4096];
  for (;;) {
    const auto n = ::read(fd, bytes, sizeof(bytes));
    if (n < 0 && errno == EINTR) continue;
    std::lock_guard lock(mutex_);
    if (n > 0)
      output_.append(bytes, static_cast<size_t>(n));
    else
      ended_ = true;
    changed_.notify_all();
    if (ended_) break;
  }
  ::close(fd);
}

std::string child_process::output() const {
  std::lock_guard lock(mutex_);
  return output_;
}

std::string child_process::wait_for_line(const std::string& text, std::chrono::milliseconds within) const {
  std::unique_lock lock(mutex_);
  size_t begin = 0, end = 0;
  const auto found = [&] {
    const auto at = output_.find(text);
    if (at == std::string::npos) return false;
    end = output_.find('\n', at);
    begin = at == 0 ? 0 : output_.rfind('\n', at - 1) + 1; // npos + 1 is the beginning
    return end != std::string::npos;
  };
  changed_.wait_for(lock, within * slowdown, [&] { return found() || ended_; });
  return found() ? output_.substr(begin, end - begin) : std::string{};
}

void child_process::signal(int number) const {
  std::lock_guard lock(mutex_);
  if (!exit_code_) ::kill(pid_, number);
}

std::optional<int> child_process::wait(std::chrono::milliseconds within) {
  const auto reaped = [this] {
    std::lock_guard lock(mutex_);
    int status = 0;
    if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
      exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return exit_code_.has_value();
  };
  eventually(reaped, within);
  std::unique_lock lock(mutex_);
  // What it said last may still be on its way; a child of its own may hold the pipe open for longer.
  if (exit_code_) changed_.wait_for(lock, std::chrono::seconds(1), [this] { return ended_; });
  return exit_code_;
}

} // namespace senseflow::test
