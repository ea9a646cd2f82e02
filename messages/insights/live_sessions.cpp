#include "messages/insights/live_sessions.hpp"

#include "messages/insights/document.hpp"
#include "messages/text/state_topics.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace senseflow::messages::insights {

namespace {

using name_of_app = std::function<std::string(std::string_view)>;

void add_text(json_writer& to, std::string_view key, const std::string& x) {
  if (!x.empty()) to.key(key).text(x);
}

/// The members of an open object.
void add_session(json_writer& to, const live_session& x, const name_of_app& app_name) {
  add_text(to, "id", x.id);
  add_text(to, "virtualProxy", x.virtual_proxy);
  to.key("userDir").text(x.user_directory);
  to.key("userId").text(x.user_id);
  to.key("start").text(iso_time(x.start));
  to.key("startInferred").boolean(x.start_inferred);
  to.key("lastActivity").text(iso_time(x.last_activity));
  add_text(to, "browser", x.browser);
  add_text(to, "os", x.os);
  to.key("connections").integer(x.connections);
  to.key("apps").begin_array();
  for (const auto& a : x.apps) {
    to.begin_object();
    to.key("id").text(a.id);
    if (app_name) add_text(to, "name", app_name(a.id));
    to.key("connections").integer(a.connections);
    to.end_object();
  }
  to.end_array();
}

/// As many as have room, and how many there are.
struct shown_sessions {
  std::string json;
  int64_t shown = 0;
};

shown_sessions list_of(const std::vector<const live_session*>& all, size_t max_bytes,
                       const name_of_app& app_name) {
  shown_sessions result{"[", 0};
  for (const auto* x : all) {
    json_writer one{512};
    one.begin_object();
    add_session(one, *x, app_name);
    const auto json = one.end_object().take();
    if (result.json.size() + json.size() + 2 > max_bytes) break;
    if (result.shown++ > 0) result.json += ',';
    result.json += json;
  }
  result.json += ']';
  return result;
}

} // namespace

/// The list of a server that is followed; with another owner it is another server.
live_sessions::followed* live_sessions::of(const session_sample& x) {
  const auto options = options_.servers.find(x.server);
  if (options == options_.servers.end()) return nullptr;
  auto i = servers_.find(x.server);
  if (i != servers_.end() && !(i->second.by == x.by)) {
    servers_.erase(i);
    i = servers_.end();
  }
  if (i == servers_.end())
    i = servers_.emplace(x.server, followed{session_table{options->second}, x.by, {}}).first;
  return &i->second;
}

void live_sessions::follow_clock(const moment& now) {
  if (const auto by = clock_.set_by(now); by.count() != 0)
    for (auto& [server, x] : servers_) x.table.clock_set(by);
}

void live_sessions::observe(const item_list& items, const moment& now) {
  follow_clock(now);
  for (const auto& x : items.sessions)
    if (auto* f = of(x)) f->table.polled(x, clock_.corrected(x.timestamp), options_.exclude);
  for (const auto& x : items.user_events) {
    if (options_.exclude.contains(x.user_directory, x.user_id)) continue;
    const auto& server = options_.hosts.of(x.host);
    if (server.empty()) {
      ++unknown_host_;
      if (!options_.told_elsewhere || !options_.told_elsewhere(x.host)) hints_.note(x.host);
      continue;
    }
    if (!polled_here(server)) continue;
    const auto i = servers_.find(server); // before its first list there is nothing to tell events from
    if (i == servers_.end() || !i->second.table.heard(news_of(x), x, clock_.corrected(x.received)))
      ++no_session_;
  }
}

void live_sessions::tick(const moment& now, findings& to) {
  follow_clock(now);
  for (auto i = servers_.begin(); i != servers_.end();) // nothing of another node's server is ours to tell
    i = polled_here(i->first) ? std::next(i) : servers_.erase(i);
  for (auto& [server, x] : servers_) {
    x.table.pass(now.wall);
    const auto ends = x.table.take_ended();
    for (const auto& e : ends.all) {
      to.insights.push_back(end_of(server, x, e, now));
      to.add("sessions_ended_total", {{"server", server}, {"how", std::string{to_string_view(e.how)}}});
    }
    if (ends.lost > 0)
      to.add("session_ends_dropped_total", {{"server", server}}, static_cast<double>(ends.lost));
    if (now.steady < x.next || !x.table.take_change()) continue;
    x.next = now.steady + options_.interval;
    to.insights.push_back(table_of(server, x, now));
  }
  const auto unmatched = [&](uint64_t& n, const char* reason) {
    if (n > 0) to.add("session_events_unmatched_total", {{"reason", reason}}, static_cast<double>(n));
    n = 0;
  };
  unmatched(unknown_host_, "unknown_host");
  unmatched(no_session_, "no_session");
  for (auto& line : hints_.take()) to.lines.push_back(std::move(line));
}

void live_sessions::inherit(analysis& former) {
  auto* x = dynamic_cast<live_sessions*>(&former);
  if (!x) return;
  clock_ = x->clock_;
  for (auto& [server, known] : x->servers_) {
    const auto was = x->options_.servers.find(server), is = options_.servers.find(server);
    if (is == options_.servers.end() || !(was->second == is->second)) continue;
    known.table.change(); // it may go to another topic
    known.next = {};
    servers_.emplace(server, std::move(known));
  }
}

insight live_sessions::table_of(const std::string& server, const followed& x, const moment& now) const {
  const auto all = x.table.live();
  std::set<std::string> users;
  for (const auto* s : all) users.insert(user_key(s->user_directory, s->user_id));
  const auto count = static_cast<int64_t>(all.size() + x.table.beyond());
  const auto beginning = [&](int64_t omitted) {
    auto out = document_of(server, now.wall, x.by);
    out.key("listed").text(iso_time(x.table.listed()));
    out.key("count").integer(count);
    out.key("uniqueUsers").integer(static_cast<int64_t>(users.size()));
    out.key("omitted").integer(omitted);
    return out;
  };
  constexpr size_t rest = 13; // ,"sessions":}
  const auto taken = std::min(beginning(count).take().size() + rest, options_.max_bytes);
  const auto list = list_of(all, options_.max_bytes - taken, options_.app_name);
  auto out = beginning(count - list.shown);
  out.key("sessions").raw(list.json);
  return {insight_kind::sessions,  false, server, live_sessions_topic("", server),
          out.end_object().take(), x.by};
}

insight live_sessions::end_of(const std::string& server, const followed& x, const ended_session& e,
                              const moment& now) const {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  auto out = document_of(server, now.wall, x.by);
  add_session(out, e.what, options_.app_name);
  out.key("end").text(iso_time(e.end));
  out.key("how").text(to_string_view(e.how));
  out.key("inferred").boolean(e.inferred);
  out.key("duration").integer(duration_cast<seconds>(e.end - e.what.start).count());
  return {insight_kind::sessions,  true, server, ended_sessions_topic("", server),
          out.end_object().take(), x.by};
}

} // namespace senseflow::messages::insights
