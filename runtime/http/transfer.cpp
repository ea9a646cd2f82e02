#include "runtime/http/transfer.hpp"

#include "runtime/http/errors.hpp"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace senseflow::runtime {
namespace {

bool has_line_break(const std::string& text) {
  return text.find_first_of(std::string("\r\n\0", 3)) != text.npos;
}

struct free_url {
  void operator()(CURLU* u) const { curl_url_cleanup(u); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

// "name", "name:port" or "[v6]:port" without the port.
std::string without_port(const std::string& host) {
  const auto colon = host.rfind(':');
  if (colon == std::string::npos || host.find(']', colon) != std::string::npos) return host;
  return host.substr(0, colon);
}

} // namespace

http_transfer::http_transfer(uint64_t id, http_request request, http_client::completion done)
    : id_(id), request_(std::move(request)), done_(std::move(done)) {}

void http_transfer::add_headers() {
  const auto add = [this](const std::string& line) {
    if (auto* longer = curl_slist_append(headers_.get(), line.c_str())) {
      (void)headers_.release(); // the list's head stays the same
      headers_.reset(longer);
    }
  };
  const auto given = [this](const char* name) {
    return std::any_of(request_.headers.begin(), request_.headers.end(),
                       [name](const auto& h) { return ::strcasecmp(h.name.c_str(), name) == 0; });
  };
  for (const auto& [name, value] : {std::pair{"Cache-Control", "no-cache"},
                                    {"Content-Type", "application/json"},
                                    {"Accept", "application/json"}})
    if (!given(name)) add(std::string(name) + ": " + value);
  for (const auto& h : request_.headers) // for curl, "X:" leaves X out and "X;" sends it empty
    add(h.remove ? h.name + ":" : h.value.empty() ? h.name + ";" : h.name + ": " + h.value);
}

// The name goes into the URL, so that TLS asks for it and checks it, and the connection goes where it went
// before.
bool http_transfer::use_host_name(CURL* easy, const std::string& name) {
  const std::unique_ptr<CURLU, free_url> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), 0) != CURLUE_OK) return false;
  const auto host = part_of(url.get(), CURLUPART_HOST), port = part_of(url.get(), CURLUPART_PORT);
  if (curl_url_set(url.get(), CURLUPART_HOST, name.c_str(), 0) != CURLUE_OK) return false;
  connect_to_.reset(curl_slist_append(nullptr, (name + ":" + port + ":" + host + ":" + port).c_str()));
  curl_easy_setopt(easy, CURLOPT_URL, part_of(url.get(), CURLUPART_URL).c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  return true;
}

bool http_transfer::refuse(std::string_view why) {
  words_[why.copy(words_, sizeof(words_) - 1)] = '\0';
  return false;
}

bool http_transfer::prepare(CURL* easy, const http_tls& tls) {
  const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  for (const auto& h : request_.headers)
    if (h.name.empty() || has_line_break(h.name) || has_line_break(h.value))
      return refuse("a header has no name, or a line break");
  add_headers();
  set(CURLOPT_URL, request_.url.c_str());
  for (const auto& h : request_.headers)
    if (!h.remove && ::strcasecmp(h.name.c_str(), "host") == 0 && !use_host_name(easy, without_port(h.value)))
      return refuse("the URL or the Host header is malformed");
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_ERRORBUFFER, words_);
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_USERAGENT, "senseflow");
  set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  set(CURLOPT_WRITEFUNCTION, &http_transfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));

  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)); // a slow answer holds up no other
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(request_.max_redirects));
  const auto timeout =
      static_cast<long>(std::max<int64_t>(request_.timeout.count(), 1)); // 0 would be none at all
  set(CURLOPT_TIMEOUT_MS, timeout);
  set(CURLOPT_CONNECTTIMEOUT_MS, timeout);

  set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L); // a renewed file is picked up
  if (!tls.ca_file.empty()) set(CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.certificate_file.empty()) {
    set(CURLOPT_SSLCERT, tls.certificate_file.c_str());
    set(CURLOPT_SSLKEY, tls.key_file.empty() ? tls.certificate_file.c_str() : tls.key_file.c_str());
    set(CURLOPT_KEYPASSWD, tls.key_passphrase.c_str()); // even if empty: OpenSSL would ask on the terminal
  }
  return true;
}

size_t http_transfer::on_body(const char* bytes, size_t, size_t n, void* self) {
  auto& me = *static_cast<http_transfer*>(self);
  if (n > me.request_.max_body_bytes - me.body_.size()) {
    me.too_large_ = true;
    return 0;
  }
  me.body_.append(bytes, n);
  return n;
}

http_response http_transfer::result(CURL* easy, CURLcode code, const http_tls& tls) {
  long status = 0, redirects = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  auto failure = explain({code, words_, static_cast<int32_t>(status), redirects, too_large_}, request_, tls);
  http_response r;
  r.id = id_;
  r.error = failure.error;
  r.detail = std::move(failure.detail);
  r.status = static_cast<int32_t>(status);
  if (r.error == http_error::none) r.body = std::move(body_);
  const auto took = std::chrono::steady_clock::now() - began_;
  r.duration_us = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  return r;
}

} // namespace senseflow::runtime
