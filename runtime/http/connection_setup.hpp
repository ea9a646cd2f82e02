// How curl gets the connection for one attempt at a request.
#pragma once

#include "runtime/http/handshake_pace.hpp"
#include "runtime/http/peer_certificate.hpp"

#include <curl/curl.h>

#include <chrono>

namespace senseflow::runtime {

/// Only curl knows whether an open connection will do. So it is let loose without permission to open another;
/// when it has to, the attempt ends, waits for its turn, and is made again. Belongs to one thread, and stays
/// where it is while curl works.
class connection_setup {
public:
  using clock = std::chrono::steady_clock;

  /// Redirects may lead to more than one.
  enum class stage { not_needed, connecting, handshake };

  /// Hooks into the handle. `limit` is for connecting, all addresses included. Without a pace curl may not
  /// open a connection; with one it has its turn.
  void begin(CURL* easy, std::chrono::milliseconds limit, handshake_pace* pace);
  /// curl is done with it.
  void end() { turn_ = {}; }

  /// The attempt ended because a connection would have had to be opened.
  bool has_to_wait() const { return has_to_wait_; }
  bool no_descriptors() const { return no_descriptors_; }
  stage at() const { return stage_; }
  /// What setting up connections has taken, those that are up.
  clock::duration took() const { return took_; }
  /// What was shown on the last one that was set up.
  const peer_certificate& certificate() const { return certificate_; }

private:
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* to);
  static CURLcode on_handshake(CURL* easy, void* context, void* self);
  static int on_connected(void* self, char*, char*, int, int);

  CURL* easy_ = nullptr;
  handshake_pace* pace_ = nullptr;
  handshake_turn turn_;
  stage stage_ = stage::not_needed;
  clock::time_point opened_{};
  clock::duration took_{};
  peer_certificate certificate_;
  bool has_to_wait_ = false;
  bool no_descriptors_ = false;
};

} // namespace senseflow::runtime
