// One HTTPS request on a curl easy handle.
#pragma once

#include "runtime/http/client.hpp"
#include "runtime/http/errors.hpp"
#include "runtime/net/resolver.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// Belongs to one thread at a time. Stays where it is while curl works on it: curl holds pointers into it.
/// curl never looks names up, since it would wait for the name server when the transfer ends: `wanted_name`
/// says what to look up before it can be prepared. A redirect may lead to one more name: then it ends
/// unfinished, and is prepared again from the start once that name is known.
class http_transfer {
public:
  http_transfer(uint64_t id, http_request request, http_client::completion done);

  /// Where it goes: `host:port`.
  const std::string& place() const { return place_; }

  /// The name without which it can't (go on); "" = none.
  std::string wanted_name() const;
  void learn(const lookup_result& x);
  /// All that were looked up for it.
  std::vector<std::string> names() const;

  /// Its time runs from here, until `learn` or `result`; what passes in between does not count.
  void start_clock() { started_ = clock::now(); }
  std::chrono::milliseconds time_left() const;

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
  struct free_list {
    void operator()(curl_slist* l) const { curl_slist_free_all(l); }
  };
  using list = std::unique_ptr<curl_slist, free_list>;

  using clock = std::chrono::steady_clock;
  /// A host that curl may connect to, with the addresses it is told.
  struct target {
    std::string host, port;
    std::vector<ip_address> addresses;
  };

  static size_t on_body(const char* bytes, size_t one, size_t n, void* self);
  static int on_name(void*, void*, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* to);
  void want(const std::string& url);
  void stop_clock();
  void add_headers();
  void add_addresses();
  bool refuse(std::string_view why);
  bool use_host_name();
  http_response response(const curl_outcome& outcome, const http_tls& tls);

  const uint64_t id_;
  const http_request request_;
  const http_client::completion done_;
  std::string place_;
  CURL* easy_ = nullptr;    ///< while curl works on it
  std::string own_host_;    ///< of the URL
  std::string host_header_; ///< the name to use instead of it, but for connecting; "" = none
  std::vector<target> targets_;
  clock::time_point started_{};
  clock::duration used_{};
  uint32_t attempts_ = 0;
  bool name_missing_ = false; ///< curl has asked for a name that it was not told
  bool no_descriptors_ = false;
  bool too_large_ = false;
  list headers_;
  list connect_to_;
  list addresses_;
  std::string body_;
  char words_[CURL_ERROR_SIZE] = "";
};

} // namespace senseflow::runtime
