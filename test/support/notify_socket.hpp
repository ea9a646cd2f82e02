// The service manager's side of sd_notify: a socket for NOTIFY_SOCKET, and what comes to it.
#pragma once

#include "test/support/eventually.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::test {

class notify_socket {
public:
  explicit notify_socket(std::string path) : path_(std::move(path)) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    std::strncpy(own.sun_path, path_.c_str(), sizeof own.sun_path - 1);
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ < 0 || ::bind(fd_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0)
      throw std::runtime_error("no socket at " + path_);
  }
  ~notify_socket() { ::close(fd_); }
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;

  const std::string& path() const { return path_; }

  /// Everything so far, in order.
  const std::vector<std::string>& messages() {
    std::array<char, 65536> bytes{};
    for (ssize_t n; (n = ::recv(fd_, bytes.data(), bytes.size(), 0)) > 0;)
      messages_.emplace_back(bytes.data(), static_cast<size_t>(n));
    return messages_;
  }

  /// Messages that hold this text, from this one on.
  size_t count(const std::string& text, size_t from = 0) {
    size_t result = 0;
    for (size_t i = from; i < messages().size(); ++i)
      if (messages_[i].find(text) != std::string::npos) ++result;
    return result;
  }

  /// The first message, from this one on, with this text in it; empty if none has come when time is up.
  std::string wait_for(const std::string& text, size_t from = 0,
                       std::chrono::milliseconds within = std::chrono::seconds(15)) {
    eventually([&] { return count(text, from) > 0; }, within);
    for (size_t i = from; i < messages_.size(); ++i)
      if (messages_[i].find(text) != std::string::npos) return messages_[i];
    return {};
  }

private:
  std::string path_;
  int fd_ = -1;
  std::vector<std::string> messages_;
};

/// Sets a variable of this process for as long as it lives.
class variable {
public:
  variable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~variable() { ::unsetenv(name_.c_str()); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

private:
  std::string name_;
};

} // namespace senseflow::test
