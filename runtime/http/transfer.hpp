// One HTTPS request on a curl easy handle.
#pragma once

#include "runtime/http/client.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace senseflow::runtime {

/// Belongs to one thread at a time. Stays where it is while curl works on it: curl holds pointers into it.
class http_transfer {
public:
  http_transfer(uint64_t id, http_request request, http_client::completion done);

  /// Sets all options on a fresh or reset handle. False if the request can't be made: `result` then says why.
  bool prepare(CURL* easy, const http_tls& tls);

  /// The answer, once curl is done with it.
  http_response result(CURL* easy, CURLcode code, const http_tls& tls);

  void complete(http_response r) { done_(std::move(r)); }

private:
  struct free_list {
    void operator()(curl_slist* l) const { curl_slist_free_all(l); }
  };
  using list = std::unique_ptr<curl_slist, free_list>;

  static size_t on_body(const char* bytes, size_t one, size_t n, void* self);
  void add_headers();
  bool refuse(std::string_view why);
  bool use_host_name(CURL* easy, const std::string& name);

  const uint64_t id_;
  const http_request request_;
  const http_client::completion done_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  list headers_;
  list connect_to_;
  std::string body_;
  bool too_large_ = false;
  char words_[CURL_ERROR_SIZE] = "";
};

} // namespace senseflow::runtime
