#include "messages/folding/performance_digest.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/topic.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace senseflow::messages {

namespace {

constexpr size_t most_slow = 10;

/// Beyond the sketch's end, 11 days, are no times but texts that happen to be numbers. False for NaN.
bool is_usable(double ms) { return ms >= 0 && ms <= quantile_sketch::most; }

double to_microseconds(double ms) { return std::round(ms * 1000) / 1000; }

void write_times(json_writer& out, const quantile_sketch& x) {
  out.key("count").integer(static_cast<int64_t>(x.count()));
  out.key("mean").number(to_microseconds(x.mean()));
  out.key("p50").number(to_microseconds(x.quantile(0.5)));
  out.key("p95").number(to_microseconds(x.quantile(0.95)));
  out.key("p99").number(to_microseconds(x.quantile(0.99)));
  out.key("max").number(to_microseconds(x.max()));
}

template <class T>
void write_subject(json_writer& out, const T& x, const performance_digest::app_name& names) {
  out.key("appId").text(x.app_id);
  out.key("appName").text(names(x.app_id));
  out.key("objectId").text(x.object_id);
  out.key("objectType").text(x.object_type);
  out.key("method").text(x.method);
}

} // namespace

performance_digest::digest* performance_digest::digest_of(const log_event& x, time_point now) {
  auto i = hosts_.find(x.host());
  if (i == hosts_.end()) {
    if (hosts_.size() >= most_hosts) return nullptr;
    i = hosts_.emplace(x.host(), digest{}).first;
    i->second.opened = now;
    i->second.first = x.received;
  }
  return &i->second;
}

performance_digest::row* performance_digest::row_of(digest& in, const qix_perf_log& x) {
  key_.clear();
  for (const auto* part : {&x.raw_app_id, &x.object_id, &x.method}) {
    key_ += *part;
    key_ += '\0';
  }
  auto i = in.rows.find(key_);
  if (i == in.rows.end()) {
    if (rows_ >= most_rows) return nullptr;
    i = in.rows.emplace(key_, row{x.raw_app_id, x.object_id, x.object_type, x.method, {}}).first;
    ++rows_;
  }
  return &i->second;
}

void performance_digest::note_slow(digest& in, const qix_perf_log& x, caf::timestamp received) {
  auto& all = in.slowest;
  if (all.size() == most_slow && x.process_time <= all.back().time) return;
  if (all.size() == most_slow) all.pop_back();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& y) { return y.time < x.process_time; });
  all.insert(at, slow_event{x.process_time, received, x.raw_app_id, x.object_id, x.object_type, x.method,
                            x.user_full});
}

bool performance_digest::digests(const log_event& x, time_point now) {
  const auto* const event = std::get_if<qix_perf_log>(&x.body);
  if (event == nullptr || !is_usable(event->process_time)) return false;
  auto* const to = digest_of(x, now);
  if (to == nullptr) {
    ++left_out_;
    return false;
  }
  to->last = x.received;
  to->all.add(event->process_time);
  if (auto* const own = row_of(*to, *event)) {
    own->times.add(event->process_time);
  } else {
    to->others.add(event->process_time);
    ++left_out_;
  }
  note_slow(*to, *event, x.received);
  const auto limit = static_cast<double>(options_.publish_above.count());
  const bool also_published = limit > 0 && event->process_time > limit;
  if (also_published) ++to->published;
  return !also_published;
}

insight performance_digest::finished(const std::string& host, const digest& x, caf::timestamp utc,
                                     const app_name& names) {
  std::vector<const row*> rows;
  for (const auto& [key, r] : x.rows) rows.push_back(&r);
  rows_ -= rows.size();
  std::sort(rows.begin(), rows.end(), [](auto* a, auto* b) { return a->times.sum() > b->times.sum(); });
  auto others = x.others;
  const auto shown = std::min(options_.rows, rows.size());
  for (auto i = shown; i < rows.size(); ++i) others.merge(rows[i]->times);

  json_writer out{512 + 256 * shown};
  out.begin_object();
  out.key("host").text(host);
  out.key("timestamp").text(iso_time(utc));
  out.key("first").text(iso_time(x.first));
  out.key("last").text(iso_time(x.last));
  write_times(out, x.all);
  out.key("published").integer(static_cast<int64_t>(x.published));
  out.key("slowest").begin_array();
  for (const auto& s : x.slowest) {
    out.begin_object();
    out.key("timestamp").text(iso_time(s.received));
    write_subject(out, s, names);
    out.key("user").text(s.user);
    out.key("processTime").number(s.time);
    out.end_object();
  }
  out.end_array();
  out.key("rows").begin_array();
  for (size_t i = 0; i < shown; ++i) {
    out.begin_object();
    write_subject(out, *rows[i], names);
    write_times(out, rows[i]->times);
    out.end_object();
  }
  out.end_array();
  out.key("other");
  if (others.count() == 0) {
    out.null();
  } else {
    out.begin_object();
    write_times(out, others);
    out.end_object();
  }
  out.end_object();

  insight result;
  result.kind = insight_kind::performance;
  result.event = true;
  result.origin = host;
  const auto level = safe_level(host);
  result.topic = "performance/" + (level.empty() ? "unknown" : level);
  result.payload = out.take();
  return result;
}

std::vector<insight> performance_digest::tick(time_point now, caf::timestamp utc, const app_name& names) {
  std::vector<insight> result;
  for (auto i = hosts_.begin(); i != hosts_.end();) {
    if (now - i->second.opened < options_.window) {
      ++i;
      continue;
    }
    result.push_back(finished(i->first, i->second, utc, names));
    i = hosts_.erase(i);
  }
  return result;
}

std::vector<insight> performance_digest::close(caf::timestamp utc, const app_name& names) {
  std::vector<insight> result;
  for (const auto& [host, x] : hosts_) result.push_back(finished(host, x, utc, names));
  hosts_.clear();
  return result;
}

} // namespace senseflow::messages
