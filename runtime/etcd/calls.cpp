#include "runtime/etcd/calls.hpp"

#include "runtime/etcd/failures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace senseflow::runtime {
namespace {

using std::chrono::milliseconds;

// etcd has understood, or another endpoint would say the same.
bool is_last_word(etcd_error e) { return e != etcd_error::unavailable && e != etcd_error::unusable; }

// A lease that waits may be lost, and all wait for a token.
bool is_urgent(etcd_call_kind kind) {
  return kind == etcd_call_kind::keep_alive || kind == etcd_call_kind::authenticate;
}

etcd_reading unavailable(std::string words) {
  etcd_reading result;
  result.error = etcd_error::unavailable;
  result.detail = std::move(words);
  return result;
}

} // namespace

etcd_calls::etcd_calls(const etcd_options& options, etcd_endpoints& endpoints, etcd_wire& wire)
    : options_(options), endpoints_(endpoints), wire_(wire),
      session_(!options.username.empty(), [this](etcd_session::answered done) {
        add(etcd_call_kind::authenticate, authenticate_request(options_.username, options_.password),
            std::move(done));
      }) {}

void etcd_calls::add(etcd_call_kind kind, etcd_request request, completion done) {
  const auto authenticates = kind == etcd_call_kind::authenticate;
  if (endpoints_.size() == 0) return done(unavailable("no endpoint is configured"));
  if (calls_.size() >= most && !authenticates)
    return done(unavailable(fmt::format("more than {} calls are under way", most)));
  call c;
  c.kind = kind;
  c.request = std::move(request);
  c.done = std::move(done);
  c.deadline = clock::now() + options_.timeout * static_cast<int>(endpoints_.size());
  c.tried.resize(endpoints_.size());
  const auto id = ++last_id_;
  calls_.emplace(id, std::move(c));
  authenticates ? line_up(id) : authorize(id);
}

void etcd_calls::authorize(uint64_t id) {
  session_.want(
      [this, id](const etcd_reading& x) {
        const auto i = calls_.find(id);
        if (i == calls_.end()) return;
        x.error == etcd_error::none ? line_up(id) : finish(i, x);
      },
      clock::now());
}

void etcd_calls::line_up(uint64_t id) {
  const auto urgent = is_urgent(calls_.at(id).kind);
  urgent ? line_.push_front(id) : line_.push_back(id);
  start_ready();
}

void etcd_calls::start_ready() {
  while (!line_.empty()) {
    const auto i = calls_.find(line_.front());
    const auto there = i != calls_.end();
    if (there && on_wire_ >= most_on_wire + (is_urgent(i->second.kind) ? more_if_urgent : 0)) return;
    line_.pop_front();
    if (there && !start(i->second, i->first)) give_up(i, "it was not its turn in time");
  }
}

bool etcd_calls::start(call& c, uint64_t id) {
  const auto left = std::chrono::duration_cast<milliseconds>(c.deadline - clock::now());
  const auto endpoint = endpoints_.next(c.tried);
  if (!endpoint || left.count() <= 0) return false;
  c.tried[*endpoint] = c.on_wire = true;
  ++on_wire_;
  c.token = c.kind == etcd_call_kind::authenticate ? "" : session_.token();
  c.body.clear();
  c.sent = boot_clock::now();
  etcd_post post;
  post.url = c.request.path;
  post.token = c.token;
  post.limit = std::min(options_.timeout, left);
  post.body = c.request.body;
  post.take = [&c](std::string_view bytes, int32_t) {
    if (bytes.size() > longest_answer - c.body.size()) return false;
    c.body += bytes;
    return true;
  };
  post.over = [this, id, e = *endpoint](const curl_outcome& o) { ended(id, e, o); };
  wire_.post(endpoints_.at(*endpoint), std::move(post));
  return true;
}

void etcd_calls::ended(uint64_t id, size_t endpoint, const curl_outcome& outcome) {
  const auto i = calls_.find(id);
  auto& c = i->second;
  c.on_wire = false;
  --on_wire_;
  if (outcome.code == CURLE_OK) {
    answered(i, endpoint, read_answer(c.kind, outcome.status, c.body));
  } else {
    const auto x = failure_of(outcome, options_);
    failed(i, endpoint, x.error, x.words);
  }
  start_ready();
}

void etcd_calls::answered(call_map::iterator i, size_t endpoint, etcd_reading x) {
  auto& c = i->second;
  if (x.token_refused && session_.has_user()) {
    if (std::exchange(c.renewed, true) || !session_.refused(c.token, clock::now()))
      return failed(i, endpoint, etcd_error::unavailable, x.detail); // a member that lags behind
    c.tried[endpoint] = false;
    return authorize(i->first);
  }
  if (!is_last_word(x.error)) return failed(i, endpoint, x.error, x.detail);
  endpoints_.answered(endpoint);
  if (x.error == etcd_error::none) session_.taken(c.token, clock::now());
  if (x.error != etcd_error::none) x.detail = place(endpoint) + ": " + x.detail;
  // What an earlier try wanted to write may still be written, whatever this endpoint says.
  if (c.kind == etcd_call_kind::commit && c.error != etcd_error::none && x.error != etcd_error::none &&
      x.error != etcd_error::lease_lost)
    x.error = etcd_error::unavailable;
  finish(i, std::move(x));
}

// When all have failed, one that may answer later counts for more than one that never will.
void etcd_calls::failed(call_map::iterator i, size_t endpoint, etcd_error error, const std::string& words) {
  auto& c = i->second;
  endpoints_.failed(endpoint);
  if (c.error != etcd_error::unavailable) c.error = error;
  c.failures += (c.failures.empty() ? "" : "; ") + place(endpoint) + ": " + words;
  if (!endpoints_.next(c.tried)) {
    session_.unanswered(c.token, clock::now());
    return give_up(i, "");
  }
  line_.push_front(i->first);
}

void etcd_calls::give_up(call_map::iterator i, const std::string& why_there_was_no_try) {
  auto& c = i->second;
  auto result = unavailable(c.failures.empty() ? why_there_was_no_try : std::move(c.failures));
  if (c.error != etcd_error::none) result.error = c.error;
  finish(i, std::move(result));
}

void etcd_calls::finish(call_map::iterator i, etcd_reading x) {
  auto c = std::move(i->second);
  calls_.erase(i);
  x.sent = c.sent;
  c.done(std::move(x));
}

// What curl works on has its limit there.
void etcd_calls::check(clock::time_point now) {
  std::vector<uint64_t> late;
  for (const auto& [id, c] : calls_)
    if (!c.on_wire && now >= c.deadline) late.push_back(id);
  for (const auto id : late) {
    const auto i = calls_.find(id);
    if (i != calls_.end()) give_up(i, "it was not its turn in time");
  }
}

} // namespace senseflow::runtime
