#include "test/support/name_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace senseflow::test {

namespace {

constexpr size_t header_bytes = 12;
constexpr int type_a = 1;
constexpr int type_aaaa = 28;

void put16(std::string& out, unsigned x) {
  out += static_cast<char>(x >> 8);
  out += static_cast<char>(x & 0xff);
}

/// The name of the first question and where it ends; the message is c-ares' and well formed.
std::pair<std::string, size_t> name_of(const std::string& message) {
  std::string name;
  auto at = header_bytes;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<size_t>(message[at]);
    if (!name.empty()) name += '.';
    name += message.substr(at + 1, length);
    at += 1 + length;
  }
  return {name, at + 1};
}

std::string bytes_of(const std::string& address, int type) {
  char bytes[16];
  const auto family = type == type_a ? AF_INET : AF_INET6;
  if (::inet_pton(family, address.c_str(), bytes) != 1) return {};
  return std::string(bytes, type == type_a ? 4 : 16);
}

} // namespace

name_server::name_server(const std::string& address, uint16_t port) : address_(address) {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &own.sin_addr);
  socklen_t size = sizeof own;
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&own), size) != 0 ||
      ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    ::close(socket_);
    throw std::runtime_error("the name server can't be bound to " + address);
  }
  port_ = ntohs(own.sin_port);
  thread_ = std::thread([this] { run(); });
}

name_server::~name_server() {
  stop_ = true;
  thread_.join();
  ::close(socket_);
}

std::string name_server::place() const { return address_ + ":" + std::to_string(port_); }

void name_server::tell(const std::string& name, std::vector<std::string> addresses) {
  std::lock_guard lock{mutex_};
  names_[name] = std::move(addresses);
}

void name_server::forget(const std::string& name) {
  std::lock_guard lock{mutex_};
  names_.erase(name);
}

void name_server::silent(const std::string& name, bool yes) {
  std::lock_guard lock{mutex_};
  if (yes)
    silent_.insert(name);
  else
    silent_.erase(name);
}

size_t name_server::questions(const std::string& name) const {
  std::lock_guard lock{mutex_};
  const auto i = asked_.find(name);
  return i == asked_.end() ? 0 : i->second;
}

std::string name_server::answer_to(const std::string& question) {
  const auto [name, end] = name_of(question);
  const auto type =
      static_cast<unsigned char>(question.at(end)) << 8 | static_cast<unsigned char>(question.at(end + 1));
  std::lock_guard lock{mutex_};
  ++asked_[name];
  if (silent_.count("") > 0 || silent_.count(name) > 0) return {};
  const auto known = names_.find(name);
  std::vector<std::string> records;
  if (known != names_.end())
    for (const auto& x : known->second)
      if (auto bytes = bytes_of(x, type); !bytes.empty()) records.push_back(std::move(bytes));
  std::string out = question.substr(0, 2);
  put16(out, known == names_.end() ? 0x8183 : 0x8180); // an answer: no such name, or no error
  put16(out, 1);
  put16(out, static_cast<unsigned>(records.size()));
  put16(out, 0);
  put16(out, 0);
  out += question.substr(header_bytes, end + 4 - header_bytes);
  for (const auto& x : records) {
    put16(out, 0xc000 | header_bytes); // the name of the question
    put16(out, static_cast<unsigned>(type));
    put16(out, 1); // IN
    put16(out, 0);
    put16(out, 60); // seconds to live
    put16(out, static_cast<unsigned>(x.size()));
    out += x;
  }
  return out;
}

void name_server::run() {
  while (!stop_) {
    pollfd watched{socket_, POLLIN, 0};
    if (::poll(&watched, 1, 20) <= 0) continue;
    char bytes[1500];
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const auto n = ::recvfrom(socket_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n < static_cast<ssize_t>(header_bytes + 5)) continue;
    const auto answer = answer_to(std::string(bytes, static_cast<size_t>(n)));
    if (!answer.empty())
      ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

} // namespace senseflow::test
