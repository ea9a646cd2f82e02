// Why an HTTPS request failed, in plain words: what, where, what to do.
#pragma once

#include "runtime/http/client.hpp"

#include <chrono>
#include <string>

namespace senseflow::runtime {

struct http_failure {
  http_error error = http_error::none;
  std::string detail; ///< one line, safe to log
};

/// What curl knows about a request that has ended.
struct curl_outcome {
  int code = 0;                      ///< CURLcode
  std::string words;                 ///< curl's error buffer
  int32_t status = 0;                ///< of the last answer; 0 = none
  long redirects = 0;                ///< followed
  bool too_large = false;            ///< we stopped it since the body was too large
  bool not_permitted = false;        ///< it was not made, or cut short
  bool no_descriptors = false;       ///< this process has no descriptors left for a connection
  std::chrono::milliseconds used{0}; ///< what it took
  bool shaking_hands = false;        ///< it did not get beyond the TLS handshake
  std::string unresolved;            ///< the name that has no address; "" = none
  bool name_server_silent = false;   ///< because nobody answered
};

http_error classify(const curl_outcome& o);

/// `none` when the request succeeded: ended well, with status 200.
http_failure explain(const curl_outcome& o, const http_request& request, const http_tls& tls);

/// The URL without its query and user part: these may hold keys.
std::string loggable_url(const std::string& url);

} // namespace senseflow::runtime
