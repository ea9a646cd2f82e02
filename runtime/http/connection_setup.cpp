#include "runtime/http/connection_setup.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace senseflow::runtime {

void connection_setup::begin(CURL* easy, std::chrono::milliseconds limit, handshake_pace* pace) {
  easy_ = easy;
  pace_ = pace;
  turn_ = pace ? handshake_turn{*pace, clock::now()} : handshake_turn{};
  stage_ = stage::not_needed;
  took_ = {};
  certificate_ = {};
  has_to_wait_ = no_descriptors_ = false;
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &connection_setup::on_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &connection_setup::on_handshake);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &connection_setup::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, static_cast<void*>(this));
  // Of several addresses each gets a part of it.
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limit.count()));
}

// One more descriptor must be left after each: certificate files are read when the connection is up.
curl_socket_t connection_setup::on_socket(void* self, curlsocktype, curl_sockaddr* to) {
  auto& me = *static_cast<connection_setup*>(self);
  if (!me.pace_) {
    me.has_to_wait_ = true;
    return CURL_SOCKET_BAD;
  }
  if (me.stage_ == stage::not_needed) {
    me.stage_ = stage::connecting;
    me.opened_ = clock::now();
    if (!me.turn_) me.turn_ = handshake_turn{*me.pace_, me.opened_}; // a redirect's
  }
  const auto fd = ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  const auto spare = fd < 0 ? -1 : ::dup(fd);
  if (spare >= 0) {
    ::close(spare);
    return fd;
  }
  if (errno == EMFILE || errno == ENFILE) me.no_descriptors_ = true;
  if (fd >= 0) ::close(fd);
  return CURL_SOCKET_BAD;
}

// The server has taken the connection. What curl counts as connecting includes the handshake, which has a
// limit of its own.
CURLcode connection_setup::on_handshake(CURL* easy, void*, void* self) {
  static_cast<connection_setup*>(self)->stage_ = stage::handshake;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 24L * 3600 * 1000); // 0 would be curl's default
  return CURLE_OK;
}

// About to send the request.
int connection_setup::on_connected(void* self, char*, char*, int, int) {
  auto& me = *static_cast<connection_setup*>(self);
  if (me.stage_ != stage::not_needed) {
    const auto now = clock::now();
    me.took_ += now - me.opened_;
    me.turn_.established(now);
    me.stage_ = stage::not_needed;
    me.certificate_ = certificate_of_peer(me.easy_);
  }
  me.turn_ = {};
  return CURL_PREREQFUNC_OK;
}

} // namespace senseflow::runtime
