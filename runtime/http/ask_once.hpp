// One request that is waited for: for commands that ask something and end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct single_request {
  std::string url;
  std::vector<std::string> headers; ///< "Name: value"
  std::string trusted_certificate;  ///< PEM: the only one that an https server may have; empty = the system's
  std::chrono::milliseconds timeout{5000};
  size_t max_body_bytes = 4u << 20;
};

struct single_answer {
  long status = 0;     ///< 0: none came
  std::string body;    ///< with any status
  std::string problem; ///< why none came, in plain words
};

/// Redirects and proxies are not followed.
single_answer ask_once(const single_request& r);

} // namespace senseflow::runtime
