#include "runtime/http/transfer.hpp"

#include "runtime/http/url.hpp"

#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace senseflow::runtime {
namespace {

bool has_line_break(const std::string& text) {
  return text.find_first_of(std::string("\r\n\0", 3)) != text.npos;
}

void append(std::unique_ptr<curl_slist, free_slist>& list, const std::string& line) {
  if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
    (void)list.release(); // the list's head stays the same
    list.reset(longer);
  }
}

// "name", "name:port" or "[v6]:port" without the port.
std::string without_port(const std::string& host) {
  const auto colon = host.rfind(':');
  if (colon == std::string::npos || host.find(']', colon) != std::string::npos) return host;
  return host.substr(0, colon);
}

} // namespace

std::chrono::milliseconds transfer_clock::left() const {
  const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(used_);
  return std::max(limit_ - used, std::chrono::milliseconds(1)); // 0 would be no limit at all
}

void transfer_clock::stop() {
  if (started_ != clock::time_point{}) used_ += clock::now() - started_;
  started_ = {};
}

http_transfer::http_transfer(uint64_t id, http_request request, http_client::completion done)
    : id_(id), request_(std::move(request)), done_(std::move(done)), targets_(request_.url),
      clock_(request_.timeout) {}

void http_transfer::add_headers() {
  const auto given = [this](const char* name) {
    return std::any_of(request_.headers.begin(), request_.headers.end(),
                       [name](const auto& h) { return ::strcasecmp(h.name.c_str(), name) == 0; });
  };
  for (const auto& [name, value] : {std::pair{"Cache-Control", "no-cache"},
                                    {"Content-Type", "application/json"},
                                    {"Accept", "application/json"}})
    if (!given(name)) append(headers_, std::string(name) + ": " + value);
  for (const auto& h : request_.headers) // for curl, "X:" leaves X out and "X;" sends it empty
    append(headers_, h.remove ? h.name + ":" : h.value.empty() ? h.name + ";" : h.name + ": " + h.value);
}

// The name goes into the URL, so that TLS asks for it and checks it, and the connection goes
// where it went before.
bool http_transfer::use_host_name() {
  std::string name;
  for (const auto& h : request_.headers)
    if (!h.remove && ::strcasecmp(h.name.c_str(), "host") == 0) name = without_port(h.value);
  if (name.empty()) return true;
  http_url url{request_.url};
  if (!url || !url.set(CURLUPART_HOST, name)) return refuse("the URL or the Host header is malformed");
  name = url.part(CURLUPART_HOST);
  const auto port = url.part(CURLUPART_PORT);
  targets_.call_host(name);
  append(connect_to_, name + ":" + port + ":" + targets_.host() + ":" + port);
  curl_easy_setopt(easy_, CURLOPT_URL, url.part(CURLUPART_URL).c_str());
  curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_.get());
  return true;
}

// curl would look a name up: one that it was not told, or that its cache has forgotten.
int http_transfer::on_name(void*, void*, void* self) {
  auto& me = *static_cast<http_transfer*>(self);
  char* url = nullptr;
  curl_easy_getinfo(me.easy_, CURLINFO_EFFECTIVE_URL, &url);
  me.targets_.want(url ? url : "");
  me.name_missing_ = !me.targets_.wanted().empty();
  return me.name_missing_ ? 1 : 0;
}

// One more descriptor must be left after each: certificate files are read when the connection is up.
curl_socket_t http_transfer::on_socket(void* self, curlsocktype, curl_sockaddr* to) {
  const auto fd = ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  const auto spare = fd < 0 ? -1 : ::dup(fd);
  if (spare >= 0) {
    ::close(spare);
    return fd;
  }
  if (errno == EMFILE || errno == ENFILE) static_cast<http_transfer*>(self)->outcome_.no_descriptors = true;
  if (fd >= 0) ::close(fd);
  return CURL_SOCKET_BAD;
}

bool http_transfer::refuse(std::string_view why) {
  words_[why.copy(words_, sizeof(words_) - 1)] = '\0';
  return false;
}

bool http_transfer::prepare(CURL* easy, const http_tls& tls) {
  const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  easy_ = easy;
  clock_.start();
  ++attempts_;
  name_missing_ = false;
  outcome_ = {};
  words_[0] = '\0';
  body_.clear();
  headers_.reset();
  connect_to_.reset();
  addresses_.reset();
  for (const auto& h : request_.headers)
    if (h.name.empty() || has_line_break(h.name) || has_line_break(h.value))
      return refuse("a header has no name, or a line break");
  add_headers();
  set(CURLOPT_URL, request_.url.c_str());
  if (!use_host_name()) return false;
  for (const auto& line : targets_.lines()) append(addresses_, line);
  set(CURLOPT_RESOLVE, addresses_.get()); // into the cache that all transfers share
  set(CURLOPT_RESOLVER_START_FUNCTION, &http_transfer::on_name);
  set(CURLOPT_RESOLVER_START_DATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &http_transfer::on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
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
  const auto timeout = static_cast<long>(clock_.left().count());
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
    me.outcome_.too_large = true;
    return 0;
  }
  me.body_.append(bytes, n);
  return n;
}

bool http_transfer::unfinished() {
  clock_.stop();
  easy_ = nullptr;
  return name_missing_ && attempts_ <= request_.max_redirects + 1;
}

http_response http_transfer::response(const http_tls& tls) {
  auto failure = explain(outcome_, request_, tls);
  http_response r;
  r.id = id_;
  r.error = failure.error;
  r.detail = std::move(failure.detail);
  r.status = outcome_.status;
  if (r.error == http_error::none) r.body = std::move(body_);
  r.duration_us = static_cast<uint64_t>(clock_.used().count());
  return r;
}

http_response http_transfer::result(CURL* easy, CURLcode code, const http_tls& tls) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &outcome_.redirects);
  outcome_.code = code;
  outcome_.words = words_;
  outcome_.status = static_cast<int32_t>(status);
  outcome_.unresolved = targets_.wanted();
  return response(tls);
}

http_response http_transfer::unresolved(const lookup_result& x, const http_tls& tls) {
  outcome_ = {};
  outcome_.code = CURLE_COULDNT_RESOLVE_HOST;
  outcome_.unresolved = x.name;
  outcome_.name_server_silent = x.status == lookup_status::no_answer;
  return response(tls);
}

} // namespace senseflow::runtime
