// One HTTPS request on a curl easy handle.
#pragma once

#include "runtime/http/client.hpp"
#include "runtime/http/errors.hpp"
#include "runtime/http/targets.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace senseflow::runtime {

struct free_slist {
  void operator()(curl_slist* l) const { curl_slist_free_all(l); }
};

/// The time of a request: looking up and asking count, waiting does not.
class transfer_clock {
public:
  explicit transfer_clock(std::chrono::milliseconds limit) : limit_(limit) {}

  void start() { started_ = clock::now(); }
  void stop(); ///< does nothing while it stands still
  std::chrono::milliseconds left() const;
  std::chrono::microseconds used() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(used_);
  }

private:
  using clock = std::chrono::steady_clock;

  std::chrono::milliseconds limit_;
  clock::time_point started_{};
  clock::duration used_{};
};

/// Belongs to one thread at a time. Stays where it is while curl works on it: curl holds pointers into it.
/// When a redirect leads to a name that was not looked up it ends unfinished, and is prepared again from the
/// start once the name is known.
class http_transfer {
public:
  http_transfer(uint64_t id, http_request request, http_client::completion done);

  /// What they want has to be looked up before `prepare`.
  http_targets& targets() { return targets_; }
  const http_targets& targets() const { return targets_; }
  transfer_clock& clock() { return clock_; }

  /// Sets all options on a fresh or reset handle. False if the request can't be made: `result` then says why.
  bool prepare(CURL* easy, const http_tls& tls);

  /// Whether there is to be another attempt, now that curl is done with it.
  bool unfinished();

  /// The answer, once curl is done with it.
  http_response result(CURL* easy, CURLcode code, const http_tls& tls);
  /// The answer when the wanted name has no address.
  http_response unresolved(const lookup_result& x, const http_tls& tls);

  void complete(http_response r) { done_(std::move(r)); }

private:
  using list = std::unique_ptr<curl_slist, free_slist>;

  static size_t on_body(const char* bytes, size_t one, size_t n, void* self);
  static int on_name(void*, void*, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* to);
  void add_headers();
  bool refuse(std::string_view why);
  bool use_host_name();
  http_response response(const http_tls& tls);

  const uint64_t id_;
  const http_request request_;
  const http_client::completion done_;
  http_targets targets_;
  transfer_clock clock_;
  CURL* easy_ = nullptr; ///< while curl works on it
  uint32_t attempts_ = 0;
  bool name_missing_ = false; ///< curl has asked for a name that it was not told
  curl_outcome outcome_;
  list headers_;
  list connect_to_;
  list addresses_;
  std::string body_;
  char words_[CURL_ERROR_SIZE] = "";
};

} // namespace senseflow::runtime
