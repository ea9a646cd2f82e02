#include "test/support/https_server.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <stdexcept>

namespace senseflow::test {
namespace {

https_request parse(const std::string& head) {
  https_request r;
  std::istringstream lines(head);
  lines >> r.method >> r.target;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    auto name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto begin = line.find_first_not_of(' ', colon + 1);
    const auto end = line.find_last_not_of("\r ");
    r.headers[name] = begin == std::string::npos || begin > end ? "" : line.substr(begin, end + 1 - begin);
  }
  return r;
}

} // namespace

std::string http_answer(int status, const std::string& body, const std::string& more) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + more + "\r\n" + body;
}

https_server::https_server(const https_server_options& o, handler answer)
    : answer_(std::move(answer)), before_handshake_(o.before_handshake),
      context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  ::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to sockets that clients may have closed
  auto ok = SSL_CTX_use_certificate_chain_file(context_.get(), o.certificate_file.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context_.get(), o.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!o.client_ca_file.empty()) {
    ok = ok && SSL_CTX_load_verify_locations(context_.get(), o.client_ca_file.c_str(), nullptr) == 1;
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const unsigned char id[] = "test";
    SSL_CTX_set_session_id_context(context_.get(), id, sizeof(id));
  }
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(own);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ok = ok && ::bind(listener_, reinterpret_cast<sockaddr*>(&own), size) == 0 &&
       ::listen(listener_, 64) == 0 &&
       ::getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  if (!ok) throw std::runtime_error("the HTTPS server can't be started with " + o.certificate_file);
  port_ = ntohs(own.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

https_server::~https_server() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& c : connections_) ::shutdown(c.fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR); // ends accept
  acceptor_.join();
  ::close(listener_);
  for (auto& c : connections_) {
    c.thread.join();
    ::close(c.fd);
  }
}

std::string https_server::url(const std::string& target) const {
  return "https://127.0.0.1:" + std::to_string(port_) + target;
}

uint64_t https_server::connections() const {
  std::lock_guard lock(mutex_);
  return connections_.size();
}

void https_server::accept_all() {
  for (;;) {
    const auto fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::lock_guard lock(mutex_);
    if (stopping_ || fd < 0) {
      if (fd >= 0) ::close(fd);
      return;
    }
    auto& c = connections_.emplace_back();
    c.fd = fd;
    c.thread = std::thread([this, fd, number = connections_.size()] { serve(fd, number); });
  }
}

void https_server::serve(int fd, uint64_t number) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), &SSL_free);
  SSL_set_fd(tls.get(), fd);
  std::string received;
  if (before_handshake_) before_handshake_();
  if (SSL_accept(tls.get()) == 1) {
    for (;;) {
      const auto end = received.find("\r\n\r\n");
      if (end != std::string::npos) {
        auto request = parse(received.substr(0, end + 2));
        received.erase(0, end + 4);
        const auto* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
        request.server_name = name == nullptr ? "" : name;
        request.connection = number;
        std::string bytes;
        try {
          bytes = answer_(request);
        } catch (const hang_up&) {
          break;
        }
        if (!bytes.empty() && SSL_write(tls.get(), bytes.data(), int(bytes.size())) <= 0) break;
        continue;
      }
      char buffer[4096];
      const auto n = SSL_read(tls.get(), buffer, sizeof(buffer));
      if (n <= 0) break;
      received.append(buffer, size_t(n));
    }
  }
  ::shutdown(fd, SHUT_RDWR); // closed by the destructor: until then the number is nobody else's
}

} // namespace senseflow::test
