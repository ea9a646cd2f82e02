#include "runtime/etcd/watches.hpp"

#include "runtime/etcd/answers.hpp"
#include "runtime/etcd/failures.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace senseflow::runtime {
namespace {

constexpr size_t longest_refusal = 65536;

etcd_watch_event ended_with(etcd_error error, std::string detail) {
  etcd_watch_event result;
  result.what = etcd_watch_event::kind::ended;
  result.error = error;
  result.detail = std::move(detail);
  return result;
}

} // namespace

void etcd_watches::start(uint64_t id, std::string prefix, int64_t from_revision, etcd_client::watcher w) {
  if (endpoints_.size() == 0) return w(ended_with(etcd_error::unavailable, "no endpoint is configured"));
  if (watches_.size() >= most)
    return w(ended_with(etcd_error::unavailable, fmt::format("more than {} watches", most)));
  watch x;
  x.prefix = std::move(prefix);
  x.from = from_revision;
  x.tell = std::move(w);
  watches_.emplace(id, std::move(x));
  authorize(id);
}

void etcd_watches::stop(uint64_t id) {
  const auto i = watches_.find(id);
  if (i == watches_.end()) return;
  wire_.drop(i->second.exchange);
  watches_.erase(i);
}

void etcd_watches::authorize(uint64_t id) {
  session_.want(
      [this, id](const etcd_reading& x) {
        const auto i = watches_.find(id);
        if (i == watches_.end()) return;
        if (x.error == etcd_error::none) return begin(id, i->second);
        const auto w = std::move(i->second);
        watches_.erase(i);
        w.tell(ended_with(x.error, x.detail));
      },
      clock::now());
}

void etcd_watches::begin(uint64_t id, watch& w) {
  w.endpoint = endpoints_.first();
  w.token = session_.token();
  w.refusal.clear();
  w.stream = std::make_unique<etcd_watch_stream>(w.prefix, w.from, options_.timeout, clock::now());
  etcd_post post;
  post.url = "/v3/watch";
  post.token = w.token;
  post.limit = options_.timeout;
  post.more = [&w] { return w.stream->outgoing(clock::now()); };
  post.take = [this, &w](std::string_view bytes, int32_t status) { return take(w, bytes, status); };
  post.over = [this, id](const curl_outcome& o) { ended(id, o); };
  w.exchange = wire_.post(endpoints_.at(w.endpoint), std::move(post));
}

bool etcd_watches::take(watch& w, std::string_view bytes, int32_t status) {
  if (status != 200) {
    w.refusal += bytes.substr(0, longest_refusal - w.refusal.size());
    return w.refusal.size() < longest_refusal;
  }
  etcd_watch_stream::events events;
  w.stream->take(bytes, clock::now(), events);
  tell(w, std::move(events));
  return !w.stream->over();
}

// The end is told when curl is done with the stream.
void etcd_watches::tell(watch& w, etcd_watch_stream::events events) {
  for (auto& x : events)
    if (x.what == etcd_watch_event::kind::ended)
      w.ended = std::move(x);
    else
      w.tell(std::move(x));
}

void etcd_watches::ended(uint64_t id, const curl_outcome& outcome) {
  const auto i = watches_.find(id);
  if (i == watches_.end()) return;
  auto& w = i->second;
  if (w.stream->over()) return end(i, w.ended.error, w.ended.detail);
  if (outcome.status != 200 && outcome.status != 0) {
    const auto x = read_watch_refusal(outcome.status, w.refusal);
    return end(i, x.error, x.detail);
  }
  const auto failure = failure_of(outcome, options_);
  end(i, failure.error, outcome.code == CURLE_OK ? "etcd has closed the watch" : failure.words);
}

void etcd_watches::end(watch_map::iterator i, etcd_error error, const std::string& words) {
  auto& w = i->second;
  // A token that etcd has forgotten looks like a permission that is missing.
  if (error == etcd_error::denied && !w.renewed && session_.refused(w.token, clock::now())) {
    w.renewed = true;
    w.stream = nullptr;
    return authorize(i->first);
  }
  if (error == etcd_error::unavailable || error == etcd_error::unusable) endpoints_.failed(w.endpoint);
  auto last = ended_with(error, endpoints_.at(w.endpoint).url + ": " + words);
  last.revision = w.ended.revision;
  const auto ended = std::move(w);
  watches_.erase(i);
  ended.tell(std::move(last));
}

void etcd_watches::check(clock::time_point now) {
  std::vector<uint64_t> silent;
  for (auto& [id, w] : watches_) {
    if (!w.stream || w.stream->over()) continue;
    if (w.stream->has_to_ask(now)) wire_.resume(w.exchange);
    etcd_watch_stream::events events;
    w.stream->check(now, events);
    tell(w, std::move(events));
    if (w.stream->over()) silent.push_back(id);
  }
  for (const auto id : silent) {
    const auto i = watches_.find(id);
    wire_.drop(i->second.exchange);
    end(i, i->second.ended.error, i->second.ended.detail);
  }
}

} // namespace senseflow::runtime
