#include "runtime/probe/processes.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace senseflow::runtime::probe {

namespace {

namespace fs = std::filesystem;

std::string content_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in{line};
  return {std::istream_iterator<std::string>{in}, {}};
}

template <class F>
void for_each_line(std::string_view table, F f) {
  std::istringstream in{std::string{table}};
  for (std::string line; std::getline(in, line);) f(words_of(line));
}

/// Behind the colon of "0100007F:270C", in hexadecimal.
uint64_t behind_colon(const std::string& x) {
  return std::strtoull(x.substr(std::min(x.find(':'), x.size() - 1) + 1).c_str(), nullptr, 16);
}

std::vector<pid_t> processes() {
  std::vector<pid_t> result;
  std::error_code error;
  for (fs::directory_iterator i{"/proc", error}, end; !error && i != end; i.increment(error)) {
    const auto name = i->path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos)
      result.push_back(static_cast<pid_t>(std::atol(name.c_str())));
  }
  return result;
}

bool has_socket(pid_t process, uint64_t inode) {
  const auto wanted = fmt::format("socket:[{}]", inode);
  std::error_code error;
  for (fs::directory_iterator i{fmt::format("/proc/{}/fd", process), error}, end; !error && i != end;
       i.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(i->path(), gone) == wanted) return true;
  }
  return false;
}

} // namespace

std::optional<udp_entry> find_udp_port(std::string_view table, uint16_t port) {
  std::optional<udp_entry> result;
  for_each_line(table, [&](const std::vector<std::string>& x) {
    if (result || x.size() < 13 || x[1].find(':') == std::string::npos || behind_colon(x[1]) != port) return;
    result = udp_entry{std::strtoull(x[9].c_str(), nullptr, 10), behind_colon(x[4]),
                       std::strtoull(x[12].c_str(), nullptr, 10)};
  });
  return result;
}

std::optional<udp_user> user_of_udp_port(uint16_t port) {
  auto found = find_udp_port(content_of("/proc/net/udp"), port);
  if (!found) found = find_udp_port(content_of("/proc/net/udp6"), port);
  if (!found) return {};
  udp_user result{*found, 0, {}};
  for (const auto pid : processes())
    if (has_socket(pid, found->inode)) {
      result.pid = pid;
      result.name = name_of(pid);
      if (result.name == "senseflow") break; // systemd keeps what it has handed over, too
    }
  return result;
}

pid_t find_lock(std::string_view table, uint64_t device, uint64_t inode) {
  const auto place = fmt::format("{:02x}:{:02x}:{}", gnu_dev_major(device), gnu_dev_minor(device), inode);
  pid_t result = 0;
  for_each_line(table, [&](const std::vector<std::string>& x) {
    // "1: FLOCK ADVISORY WRITE 4711 08:01:42 0 EOF"; who waits for it has "->" in the second place.
    if (x.size() >= 6 && x[1] == "FLOCK" && x[5] == place)
      result = static_cast<pid_t>(std::atol(x[4].c_str()));
  });
  return std::max(result, 0);
}

pid_t holder_of_lock(const std::string& file) {
  struct stat x {};
  if (::stat(file.c_str(), &x) != 0) return 0;
  return find_lock(content_of("/proc/locks"), x.st_dev, x.st_ino);
}

std::string name_of(pid_t process) {
  auto result = content_of(fmt::format("/proc/{}/comm", process));
  while (!result.empty() && result.back() == '\n') result.pop_back();
  return result;
}

std::vector<pid_t> services() {
  std::vector<pid_t> result;
  for (const auto pid : processes()) {
    if (pid == ::getpid() || name_of(pid) != "senseflow") continue;
    // Arguments end with a NUL each.
    const auto arguments = content_of(fmt::format("/proc/{}/cmdline", pid)) + '\0';
    const auto is = [&](std::string_view word) {
      std::string wanted{'\0'};
      (wanted += word) += '\0';
      return arguments.find(wanted) != std::string::npos;
    };
    const bool asks = is("probe") || is("appenders") || is("cluster") || is("health") ||
                      is("--check-config") || is("--print-config");
    if (!asks) result.push_back(pid);
  }
  return result;
}

} // namespace senseflow::runtime::probe
