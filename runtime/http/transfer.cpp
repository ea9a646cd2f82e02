#include "runtime/http/transfer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace senseflow::runtime {
namespace {

constexpr int handshake_limit = 3; // for so long a server is slow rather than dead

// Not told, not to be read, or absurd (what is reckoned in nanoseconds ends in 2262): 0.
int64_t date_of_answer(CURL* easy) {
  curl_header* date = nullptr;
  if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK) return 0;
  constexpr int64_t latest = 7'258'118'400; // 2200
  const int64_t x = curl_getdate(date->value, nullptr);
  return x > 0 && x < latest ? x : 0;
}

uint64_t microseconds(std::chrono::steady_clock::duration x) {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(x).count());
}

} // namespace

http_transfer::http_transfer(uint64_t id, http_request request, http_client::completion done)
    : id_(id), request_(std::move(request)), done_(std::move(done)), targets_(request_.url) {}

void http_transfer::looking_up(bool on) { on ? used_.start() : used_.stop(); }

std::chrono::milliseconds http_transfer::left() const {
  const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(used_.used());
  return std::max(request_.timeout - used, std::chrono::milliseconds(1)); // 0 would be no limit at all
}

bool http_transfer::permitted() {
  if (!request_.ask_permit) return true;
  permit_ = request_.ask_permit();
  return permit_.token != nullptr;
}

std::optional<boot_clock::time_point> http_transfer::until() const {
  return permit_.token ? std::optional(permit_.until()) : std::nullopt;
}

http_response http_transfer::forbidden(const http_tls& tls) {
  outcome_ = {};
  outcome_.not_permitted = true;
  return result(tls);
}

void http_transfer::waiting(bool on) {
  on ? waited_.start() : waited_.stop();
  if (request_.waiting) *request_.waiting = on;
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

size_t http_transfer::on_body(const char* bytes, size_t, size_t n, void* self) {
  auto& me = *static_cast<http_transfer*>(self);
  if (n > me.request_.max_body_bytes - me.body_.size()) {
    me.outcome_.too_large = true;
    return 0;
  }
  me.body_.append(bytes, n);
  return n;
}

bool http_transfer::begin(CURL* easy, const http_tls& tls, handshake_pace* pace) {
  easy_ = easy;
  used_.start();
  name_missing_ = false;
  outcome_ = {};
  body_.clear();
  words_[0] = '\0';
  setup_.begin(easy, left(), pace);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words_);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, &http_transfer::on_name);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &http_transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  const auto* fault = options_.set(easy, request_, targets_, tls);
  if (fault) words_[std::string_view(fault).copy(words_, sizeof(words_) - 1)] = '\0';
  return !fault;
}

bool http_transfer::overdue(bool scarce) const {
  const auto patient = setup_.at() == connection_setup::stage::handshake && !scarce;
  return used_.used() > request_.timeout * (patient ? handshake_limit : 1) + setup_.took();
}

void http_transfer::ended(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_, CURLINFO_REDIRECT_COUNT, &outcome_.redirects);
  server_time_ = date_of_answer(easy_);
  ended_ = caf::make_timestamp();
  easy_ = nullptr;
  used_.stop();
  setup_.end();
  if (name_missing_) ++unknown_names_;
  outcome_.code = code;
  outcome_.not_permitted = code == CURLE_OPERATION_TIMEDOUT && until() && boot_clock::now() >= *until();
  permit_ = {};
  outcome_.words = words_;
  outcome_.status = static_cast<int32_t>(status);
  outcome_.unresolved = targets_.wanted();
  outcome_.no_descriptors = setup_.no_descriptors();
  outcome_.used = std::chrono::duration_cast<std::chrono::milliseconds>(used_.used());
  outcome_.shaking_hands = setup_.at() == connection_setup::stage::handshake;
}

http_transfer::step http_transfer::next() const {
  if (name_missing_ && unknown_names_ <= request_.max_redirects + 1) return step::look_up;
  return setup_.has_to_wait() ? step::wait_to_connect : step::answer;
}

http_response http_transfer::result(const http_tls& tls) {
  auto failure = explain(outcome_, request_, tls);
  http_response r;
  r.id = id_;
  r.error = failure.error;
  r.detail = std::move(failure.detail);
  r.status = outcome_.status;
  if (r.error == http_error::none) r.body = std::move(body_);
  r.duration_us = microseconds(used_.used());
  r.waited_us = microseconds(waited_.used());
  r.connected_us = microseconds(setup_.took());
  r.server_time = server_time_;
  r.answered = ended_;
  r.certificate = setup_.certificate();
  return r;
}

http_response http_transfer::unresolved(const lookup_result& x, const http_tls& tls) {
  outcome_ = {};
  outcome_.code = CURLE_COULDNT_RESOLVE_HOST;
  outcome_.unresolved = x.name;
  outcome_.name_server_silent = x.status == lookup_status::no_answer;
  return result(tls);
}

} // namespace senseflow::runtime
