#include "test/support/tls_hello_server.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace senseflow::test {
namespace {

// Both extensions as RFC 6066 and RFC 7301 lay them out; OpenSSL has checked the lengths of neither yet.
int on_hello(SSL* tls, int*, void*) {
  auto& hello = *static_cast<client_hello*>(SSL_get_app_data(tls));
  const unsigned char* data = nullptr;
  size_t size = 0;
  // list length (2), type (1), length (2), name
  if (SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_server_name, &data, &size) == 1 && size > 5)
    hello.server_name.assign(data + 5, data + size);
  // list length (2), then of each protocol length (1) and name
  if (SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size) == 1)
    for (size_t i = 2; i < size && i + 1 + data[i] <= size; i += 1u + data[i])
      hello.alpn.emplace_back(data + i + 1, data + i + 1 + data[i]);
  return SSL_CLIENT_HELLO_SUCCESS;
}

} // namespace

tls_hello_server::tls_hello_server(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  ::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_client_hello_cb(context_.get(), &on_hello, nullptr);
  auto ok = SSL_CTX_use_certificate_chain_file(context_.get(), certificate_file.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(own);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ok = ok && ::bind(listener_, reinterpret_cast<sockaddr*>(&own), size) == 0 &&
       ::listen(listener_, 16) == 0 &&
       ::getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  if (!ok) throw std::runtime_error("the TLS server can't be started with " + certificate_file);
  port_ = ntohs(own.sin_port);
  thread_ = std::thread([this] { serve(); });
}

tls_hello_server::~tls_hello_server() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ::shutdown(listener_, SHUT_RDWR); // ends accept
  thread_.join();
  ::close(listener_);
}

std::vector<client_hello> tls_hello_server::hellos() const {
  std::lock_guard lock(mutex_);
  return hellos_;
}

void tls_hello_server::serve() {
  for (;;) {
    const auto fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    {
      std::lock_guard lock(mutex_);
      if (stopping_ || fd < 0) {
        if (fd >= 0) ::close(fd);
        return;
      }
    }
    const timeval at_most{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &at_most, sizeof(at_most));
    client_hello hello;
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), &SSL_free);
    SSL_set_app_data(tls.get(), &hello);
    SSL_set_fd(tls.get(), fd);
    SSL_accept(tls.get());
    {
      std::lock_guard lock(mutex_);
      hellos_.push_back(std::move(hello));
    }
    ::close(fd);
  }
}

} // namespace senseflow::test
