#include "runtime/etcd/watch_stream.hpp"

#include "runtime/etcd/answers.hpp"
#include "runtime/etcd/requests.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

etcd_watch_stream::etcd_watch_stream(std::string_view prefix, int64_t from_revision,
                                     std::chrono::milliseconds patience, clock::time_point now)
    : from_(std::max<int64_t>(from_revision, 1)), first_(watch_request(prefix, from_).body),
      alive_until_(now + patience), complete_(from_ - 1) {}

std::string etcd_watch_stream::outgoing(clock::time_point now) {
  if (!first_.empty()) return std::exchange(first_, {});
  if (!has_to_ask(now)) return {};
  ask_at_ = clock::time_point::max(); // one question at a time: two answers may come together
  return progress_request();
}

void etcd_watch_stream::take(std::string_view bytes, clock::time_point now, events& out) {
  if (over_) return;
  if (created_) alive_until_ = now + silence;
  if (!lines_.append(bytes)) return end(etcd_error::unusable, "a line of more than 64 MiB", out);
  bool any = false;
  while (const auto line = over_ ? std::nullopt : lines_.next()) {
    any = true;
    if (!line->empty()) read(*line, now, out);
  }
  if (any || line_until_ == clock::time_point::max()) line_until_ = now + one_line;
  if (!lines_.begun()) line_until_ = clock::time_point::max();
}

void etcd_watch_stream::check(clock::time_point now, events& out) {
  if (over_) return;
  if (now >= alive_until_)
    end(etcd_error::unavailable, created_ ? "the watch has gone silent" : "the watch does not begin", out);
  else if (now >= line_until_)
    end(etcd_error::unusable, "a line that does not end", out);
}

void etcd_watch_stream::read(const std::string& text, clock::time_point now, events& out) {
  auto line = read_watch_line(text);
  if (line.error != etcd_error::none) return end(line.error, std::move(line.detail), out);
  if (line.created && !created_) {
    created_ = true;
    alive_until_ = now + silence;
    ask_at_ = now;
  }
  if (!line.changes.empty()) changed(std::move(line.changes), out);
  if (line.progress) progressed(line.revision, now, out);
}

// All changes of a revision come in one line.
void etcd_watch_stream::changed(std::vector<etcd_change> changes, events& out) {
  claimed_ = 0;
  const auto before = [this](const etcd_change& x) { return x.now.mod_revision < from_; };
  changes.erase(std::remove_if(changes.begin(), changes.end(), before), changes.end());
  if (changes.empty()) return;
  for (const auto& x : changes) complete_ = std::max(complete_, x.now.mod_revision);
  etcd_watch_event event;
  event.what = etcd_watch_event::kind::changes;
  event.revision = complete_;
  event.changes = std::move(changes);
  out.push_back(std::move(event));
}

void etcd_watch_stream::progressed(int64_t revision, clock::time_point now, events& out) {
  complete_ = std::max(complete_, claimed_);
  claimed_ = revision;
  ask_at_ = now + ask_every;
  etcd_watch_event event;
  event.revision = complete_;
  out.push_back(std::move(event));
}

void etcd_watch_stream::end(etcd_error error, std::string detail, events& out) {
  over_ = true;
  etcd_watch_event event;
  event.what = etcd_watch_event::kind::ended;
  event.revision = complete_;
  event.error = error;
  event.detail = std::move(detail);
  out.push_back(std::move(event));
}

} // namespace senseflow::runtime
