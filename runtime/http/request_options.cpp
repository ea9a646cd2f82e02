#include "runtime/http/request_options.hpp"

#include "runtime/http/url.hpp"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace senseflow::runtime {
namespace {

bool has_line_break(const std::string& text) {
  return text.find_first_of(std::string("\r\n\0", 3)) != text.npos;
}

} // namespace

void request_options::append(list& l, const std::string& line) {
  if (auto* longer = curl_slist_append(l.get(), line.c_str())) {
    (void)l.release(); // the list's head stays the same
    l.reset(longer);
  }
}

void request_options::add_headers(const http_request& r) {
  const auto given = [&r](const char* name) {
    return std::any_of(r.headers.begin(), r.headers.end(),
                       [name](const auto& h) { return ::strcasecmp(h.name.c_str(), name) == 0; });
  };
  for (const auto& [name, value] : {std::pair{"Cache-Control", "no-cache"},
                                    {"Content-Type", "application/json"},
                                    {"Accept", "application/json"}})
    if (!given(name)) append(headers_, std::string(name) + ": " + value);
  for (const auto& h : r.headers) // for curl, "X:" leaves X out and "X;" sends it empty
    append(headers_, h.remove ? h.name + ":" : h.value.empty() ? h.name + ";" : h.name + ": " + h.value);
}

// The name goes into the URL, so that TLS asks for it and checks it, and the connection goes
// where it went before.
bool request_options::use_host_name(CURL* easy, const http_request& r, http_targets& targets) {
  std::string name;
  for (const auto& h : r.headers)
    if (!h.remove && ::strcasecmp(h.name.c_str(), "host") == 0) name = without_port(h.value);
  if (name.empty()) return true;
  http_url url{r.url};
  if (!url || !url.set(CURLUPART_HOST, name)) return false;
  name = url.part(CURLUPART_HOST);
  const auto port = url.part(CURLUPART_PORT);
  targets.call_host(name);
  append(connect_to_, name + ":" + port + ":" + targets.host() + ":" + port);
  curl_easy_setopt(easy, CURLOPT_URL, url.part(CURLUPART_URL).c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  return true;
}

const char* request_options::set(CURL* easy, const http_request& r, http_targets& targets,
                                 const http_tls& tls) {
  const auto option = [easy](CURLoption name, auto value) { curl_easy_setopt(easy, name, value); };
  headers_.reset();
  connect_to_.reset();
  addresses_.reset();
  for (const auto& h : r.headers)
    if (h.name.empty() || has_line_break(h.name) || has_line_break(h.value))
      return "a header has no name, or a line break";
  add_headers(r);
  option(CURLOPT_URL, r.url.c_str());
  if (!use_host_name(easy, r, targets)) return "the URL or the Host header is malformed";
  for (const auto& line : targets.lines()) append(addresses_, line);
  option(CURLOPT_RESOLVE, addresses_.get()); // into the cache that all transfers share
  option(CURLOPT_HTTPHEADER, headers_.get());
  option(CURLOPT_USERAGENT, "senseflow");
  option(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");

  option(CURLOPT_PROTOCOLS_STR, "https");
  option(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  option(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)); // a slow answer holds up no other
  option(CURLOPT_NOPROXY, "*");
  option(CURLOPT_NOSIGNAL, 1L);
  option(CURLOPT_TCP_KEEPALIVE, 1L);
  option(CURLOPT_FOLLOWLOCATION, 1L);
  option(CURLOPT_MAXREDIRS, static_cast<long>(r.max_redirects));

  option(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  option(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  option(CURLOPT_CA_CACHE_TIMEOUT, 0L); // a renewed file is picked up
  if (!tls.ca_file.empty()) option(CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.certificate_file.empty()) {
    option(CURLOPT_SSLCERT, tls.certificate_file.c_str());
    option(CURLOPT_SSLKEY, tls.key_file.empty() ? tls.certificate_file.c_str() : tls.key_file.c_str());
    option(CURLOPT_KEYPASSWD, tls.key_passphrase.c_str()); // even if empty: OpenSSL would ask on the terminal
  }
  return nullptr;
}

} // namespace senseflow::runtime
