// A request as curl takes it.
#pragma once

#include "runtime/http/client.hpp"
#include "runtime/http/targets.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>

namespace senseflow::runtime {

/// The options of a handle, and the lists that it goes on pointing to: has to outlive its use.
class request_options {
public:
  /// Sets all that the request itself says, on a fresh or reset handle.
  /// Returns why that can't be done, or nullptr.
  const char* set(CURL* easy, const http_request& r, http_targets& targets, const http_tls& tls);

private:
  struct free_slist {
    void operator()(curl_slist* l) const { curl_slist_free_all(l); }
  };
  using list = std::unique_ptr<curl_slist, free_slist>;

  static void append(list& l, const std::string& line);
  void add_headers(const http_request& r);
  bool use_host_name(CURL* easy, const http_request& r, http_targets& targets);

  list headers_;
  list connect_to_;
  list addresses_;
};

} // namespace senseflow::runtime
