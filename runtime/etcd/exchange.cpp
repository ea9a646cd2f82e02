#include "runtime/etcd/exchange.hpp"

#include <algorithm>

namespace senseflow::runtime {

void etcd_exchange::append(list& l, const std::string& line) {
  if (auto* longer = curl_slist_append(l.get(), line.c_str())) {
    (void)l.release(); // the list's head stays the same
    l.reset(longer);
  }
}

int32_t etcd_exchange::status() const {
  long result = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &result);
  return static_cast<int32_t>(result);
}

size_t etcd_exchange::on_body(const char* bytes, size_t, size_t n, void* self) {
  auto& me = *static_cast<etcd_exchange*>(self);
  if (!me.post_.take({bytes, n}, me.status())) me.enough_ = true;
  return me.enough_ ? 0 : n;
}

size_t etcd_exchange::on_send(char* to, size_t one, size_t n, void* self) {
  auto& me = *static_cast<etcd_exchange*>(self);
  if (me.outgoing_.empty()) me.outgoing_ = me.post_.more();
  me.paused_ = me.outgoing_.empty();
  if (me.paused_) return CURL_READFUNC_PAUSE;
  const auto size = std::min(me.outgoing_.size(), one * n);
  me.outgoing_.copy(to, size);
  me.outgoing_.erase(0, size);
  return size;
}

// Before curl would look a name up: it was told the addresses, if there is a name.
int etcd_exchange::on_name(void*, void*, void* self) {
  return static_cast<etcd_exchange*>(self)->addresses_ ? 1 : 0;
}

// A stream is sent while its answer comes: Go's HTTP server does that only on a connection that is to be
// closed, and would else read all of the request before it answers.
void etcd_exchange::begin(CURL* easy, const etcd_options& options,
                          const std::vector<std::string>& addresses) {
  const auto option = [easy](CURLoption name, auto value) { curl_easy_setopt(easy, name, value); };
  easy_ = easy;
  const auto me = static_cast<void*>(this);
  option(CURLOPT_PRIVATE, me);
  option(CURLOPT_URL, post_.url.c_str());
  option(CURLOPT_ERRORBUFFER, words_);
  option(CURLOPT_POST, 1L);
  append(headers_, "Content-Type: application/json");
  append(headers_, "Expect:");
  if (!post_.token.empty()) append(headers_, "Authorization: " + post_.token);
  if (post_.more) {
    append(headers_, "Transfer-Encoding: chunked");
    append(headers_, "Connection: close");
    append(headers_, "Grpc-Metadata-Hasleader: true"); // else nothing tells that changes can't come any more
    option(CURLOPT_READFUNCTION, &etcd_exchange::on_send);
    option(CURLOPT_READDATA, me);
    option(CURLOPT_FRESH_CONNECT, 1L);
  } else {
    option(CURLOPT_POSTFIELDS, post_.body.data());
    option(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post_.body.size()));
    option(CURLOPT_TIMEOUT_MS, static_cast<long>(post_.limit.count()));
  }
  option(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(post_.limit.count()));
  option(CURLOPT_HTTPHEADER, headers_.get());
  option(CURLOPT_USERAGENT, "senseflow");
  option(CURLOPT_WRITEFUNCTION, &etcd_exchange::on_body);
  option(CURLOPT_WRITEDATA, me);
  for (const auto& line : addresses) append(addresses_, line);
  option(CURLOPT_RESOLVE, addresses_.get());
  option(CURLOPT_RESOLVER_START_FUNCTION, &etcd_exchange::on_name);
  option(CURLOPT_RESOLVER_START_DATA, me);
  option(CURLOPT_PROTOCOLS_STR, "http,https");
  option(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)); // 2 would lead to gRPC
  option(CURLOPT_NOPROXY, "*");
  option(CURLOPT_NOSIGNAL, 1L);
  option(CURLOPT_TCP_KEEPALIVE, 1L);
  set_tls(options);
}

void etcd_exchange::set_tls(const etcd_options& o) {
  const auto option = [this](CURLoption name, auto value) { curl_easy_setopt(easy_, name, value); };
  option(CURLOPT_SSL_VERIFYPEER, 1L);
  option(CURLOPT_SSL_VERIFYHOST, 2L);
  option(CURLOPT_CA_CACHE_TIMEOUT, 0L); // a renewed file is picked up
  if (!o.ca_file.empty()) option(CURLOPT_CAINFO, o.ca_file.c_str());
  if (o.certificate_file.empty()) return;
  option(CURLOPT_SSLCERT, o.certificate_file.c_str());
  option(CURLOPT_SSLKEY, o.key_file.empty() ? o.certificate_file.c_str() : o.key_file.c_str());
  option(CURLOPT_KEYPASSWD, ""); // OpenSSL would ask on the terminal
}

void etcd_exchange::resume() {
  if (paused_) curl_easy_pause(easy_, CURLPAUSE_CONT);
}

curl_outcome etcd_exchange::ended(CURLcode code) {
  curl_outcome result;
  result.code = code;
  result.words = words_;
  result.status = status();
  result.too_large = enough_;
  easy_ = nullptr;
  return result;
}

} // namespace senseflow::runtime
