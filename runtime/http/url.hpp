// A URL and its parts, read by curl.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

namespace senseflow::runtime {

/// "name", "name:port", "[v6]:port" or "v6" without the port.
inline std::string without_port(const std::string& host) {
  const auto colon = host.rfind(':');
  if (colon == std::string::npos) return host;
  const auto bracket = host.rfind(']');
  const auto v6 = bracket == std::string::npos ? host.find(':') != colon : bracket > colon;
  return v6 ? host : host.substr(0, colon);
}

class http_url {
public:
  explicit http_url(const std::string& text) : url_(curl_url()) { valid_ = set(CURLUPART_URL, text); }

  explicit operator bool() const { return valid_; }

  bool set(CURLUPart what, const std::string& text) {
    return curl_url_set(url_.get(), what, text.c_str(), 0) == CURLUE_OK;
  }

  /// Host names in ASCII, the port also where it is the default; "" if there is no such part.
  std::string part(CURLUPart what) const {
    char* text = nullptr;
    if (curl_url_get(url_.get(), what, &text, CURLU_DEFAULT_PORT | CURLU_PUNYCODE) != CURLUE_OK) return {};
    std::string result = text;
    curl_free(text);
    return result;
  }

private:
  struct free_url {
    void operator()(CURLU* u) const { curl_url_cleanup(u); }
  };

  std::unique_ptr<CURLU, free_url> url_;
  bool valid_ = false;
};

} // namespace senseflow::runtime
