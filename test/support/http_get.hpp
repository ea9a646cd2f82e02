// A raw HTTP client for tests of servers: what is sent is what the test says.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace senseflow::test {

/// A connection to a port on loopback.
class raw_connection {
public:
  explicit raw_connection(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("no connection to port " + std::to_string(port));
  }
  raw_connection(raw_connection&& x) noexcept : fd_(x.fd_) { x.fd_ = -1; }
  raw_connection& operator=(raw_connection&&) = delete;
  ~raw_connection() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// False if the other side has closed.
  bool send(const std::string& bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// Everything up to the end of the connection, or one answer with a Content-Length.
  std::string receive(std::chrono::milliseconds within = std::chrono::seconds(10)) const {
    std::string result;
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (!complete(result) && readable(deadline)) {
      char bytes[16384];
      const auto n = ::recv(fd_, bytes, sizeof bytes, 0);
      if (n <= 0) break;
      result.append(bytes, static_cast<size_t>(n));
    }
    return result;
  }

  /// Whether the other side ends it in time; what it sends is not looked at.
  bool ends(std::chrono::milliseconds within) const {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (readable(deadline)) {
      char bytes[4096];
      if (::recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
    }
    return false;
  }

private:
  static bool complete(const std::string& x) {
    const auto head = x.find("\r\n\r\n");
    const auto length = x.find("Content-Length: ");
    if (head == x.npos || length == x.npos || length > head) return false;
    return x.size() >= head + 4 + std::stoul(x.substr(length + 16));
  }
  bool readable(std::chrono::steady_clock::time_point deadline) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd p{fd_, POLLIN, 0};
    return left.count() > 0 && ::poll(&p, 1, static_cast<int>(left.count())) > 0;
  }

  int fd_;
};

struct http_reply {
  int status = 0; ///< 0: none came
  std::string head, body;
};

inline http_reply reply_of(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos || bytes.compare(0, 5, "HTTP/") != 0) return {};
  return {std::stoi(bytes.substr(9)), bytes.substr(0, end + 2), bytes.substr(end + 4)};
}

/// `more` are further header lines, each with its end.
inline http_reply http_get(uint16_t port, const std::string& target, const std::string& more = {}) {
  const raw_connection to{port};
  to.send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + more + "\r\n");
  return reply_of(to.receive());
}

} // namespace senseflow::test
