#include "messages/insights/silence.hpp"

#include "messages/insights/document.hpp"
#include "messages/text/state_topics.hpp"
#include "messages/text/text.hpp"

#include <algorithm>

namespace senseflow::messages::insights {

namespace {

constexpr int usual_times = 3; // a silence lasts so many times as long as usual pauses
constexpr uint64_t enough_gaps = 10;
constexpr int enough_time = 4;                       // times `after`, of which something was learnt
constexpr auto well_learnt = std::chrono::hours(80); // some weeks of work: all that is usual has come
constexpr double most_caution = 4;                   // before that
constexpr int forgotten = 10; // times `fresh` without a poll: the server is not ours any more
constexpr int64_t largest = 1'000'000'000;
constexpr size_t longest_text = 100; // much more than Sense sends

uint64_t sessions_of(const health_sample& x) {
  const auto& total = x[health_value::session_total];
  const auto n = total.kind == scalar_kind::number ? whole_number(total.text) : 0;
  return n > 0 && n < largest ? static_cast<uint64_t>(n) : 0;
}

bool is_user_event(service x) { return x == service::user_events; }

const arrivals_view::port& port_of(service x, const arrivals_view& seen) {
  return is_user_event(x) ? seen.users : seen.logs;
}

int64_t whole_seconds(std::chrono::steady_clock::duration x) {
  return std::chrono::ceil<std::chrono::seconds>(x).count();
}

} // namespace

void silence::note_engine(server_state& x, const health_sample& sample, const moment& now) const {
  const auto started = cleaned(sample[health_value::started].text, longest_text);
  const auto version = cleaned(sample[health_value::version].text, longest_text);
  if (!x.started.empty() && (x.started != started || x.version != version)) x.restarted = now.steady;
  x.started = started;
  x.version = version;
}

/// Under another ownership other nodes may have published meanwhile: what we told is not what is retained.
void silence::polled(server_state& to, const polled_by& by, const moment& now) {
  to.polled = now.steady;
  if (!(to.by == by)) to.told.clear();
  to.by = by;
}

void silence::observe(const item_list& items, const moment& now) {
  for (const auto& x : items.health) {
    auto& to = servers_[x.server];
    to.counts[""] = {sessions_of(x), now.steady};
    polled(to, x.by, now);
    note_engine(to, x, now);
  }
  for (const auto& x : items.sessions) {
    auto& to = servers_[x.server];
    to.counts[x.virtual_proxy] = {x.sessions.size(), now.steady};
    polled(to, x.by, now);
  }
}

void silence::look_at_use(server_state& x, const moment& now) const {
  uint64_t sessions = 0;
  for (auto i = x.counts.begin(); i != x.counts.end();) {
    if (now.steady - i->second.at > options_.fresh)
      i = x.counts.erase(i);
    else
      sessions += (i++)->second.sessions;
  }
  if (sessions == 0)
    x.in_use.reset();
  else if (!x.in_use)
    x.in_use = now.steady;
}

bool silence::is_expected(const std::string& server, service x) const {
  const auto one = server + '/' + std::string{to_string_view(x)};
  return std::any_of(options_.expect.begin(), options_.expect.end(),
                     [&](const auto& e) { return e == to_string_view(x) || e == one; });
}

void silence::add_expected(const std::string& server, server_state& x) const {
  for (size_t i = 0; i < service_count; ++i)
    if (const auto s = static_cast<service>(i); is_expected(server, s)) {
      auto& to = x.services[s];
      if (to.version.empty()) to.version = x.version;
    }
}

void silence::note_arrival(server_state& at, const arrival& a, time_point full, const moment& now) const {
  auto& x = at.services[a.from];
  if (a.last <= x.last) return; // nothing new, or another name of the same machine
  if (x.datagrams > 0 && at.in_use)
    x.usual.add(a.last - std::max({x.last, *at.in_use, full}), x.silent.has_value(), now.steady);
  x.host = a.host;
  x.version = at.version;
  x.datagrams = a.datagrams;
  x.last = a.last;
  x.silent.reset();
}

std::optional<silence::duration> silence::limit_of(const service_state& x, bool expected) const {
  const auto usual = x.usual.longest();
  const bool known = x.usual.count() >= enough_gaps && x.usual.learnt_from() >= enough_time * options_.after;
  if (!known) return expected ? std::optional<duration>{options_.after} : std::nullopt;
  const auto limit = std::max<duration>(options_.after, usual_times * *usual);
  if (expected) return limit;
  const auto caution = std::chrono::duration<double>{well_learnt} / x.usual.learnt_from();
  return std::chrono::duration_cast<duration>(limit * std::clamp(caution, 1.0, most_caution));
}

silence_cause silence::cause_of(service what, const server_state& x, const arrivals_view::port& port,
                                const others& came, const moment& now) const {
  const auto& s = x.services.at(what);
  silence_facts f;
  f.what = what;
  f.before = s.silent->cause.word;
  f.limit = s.silent->limit;
  if (x.in_use) f.watched = now.steady - std::max(*x.in_use, port.full);
  f.port_open = port.open;
  f.ever_sent = f.server_ever_sent = s.datagrams > 0;
  f.at_the_port = came.ago;
  if (came.unmatched_ago && *came.unmatched_ago < f.limit) f.unmatched = came.unmatched;
  for (const auto& [other, o] : x.services) {
    if (other == what || o.datagrams == 0) continue;
    f.server_ever_sent = true;
    f.of_the_server = std::min(f.of_the_server.value_or(duration::max()), now.steady - o.last);
  }
  if (x.restarted && *x.restarted > s.last) {
    f.restarted = true;
    f.updated_from = s.version.empty() ? x.version : s.version;
    f.updated_to = x.version;
  }
  return likely_cause(f);
}

/// Those that are missed from now on, and why each is silent, as things are now.
void silence::judge(const std::string& server, server_state& x, const arrivals_view& seen,
                    const all_others& came, const moment& now, findings& to) const {
  for (auto& [what, s] : x.services) {
    const auto& port = port_of(what, seen);
    if (!s.silent) {
      if (!x.in_use) continue;
      const auto limit = limit_of(s, is_expected(server, what));
      const auto quiet = now.steady - std::max({s.last, *x.in_use, port.full});
      if (!limit || quiet < *limit) continue;
      const auto last = s.datagrams > 0 ? now.wall - (now.steady - s.last) : caf::timestamp{};
      s.silent = outage{now.wall - quiet, last, *limit, {}};
      to.add("service_silences_total", {{"server", server}, {"service", std::string{to_string_view(what)}}});
    }
    s.silent->cause = cause_of(what, x, port, is_user_event(what) ? came.users : came.logs, now);
  }
}

void silence::tell(const std::string& server, server_state& x, const moment& now, findings& to) const {
  json_writer list;
  list.begin_array();
  for (const auto& [what, s] : x.services) {
    if (!s.silent) continue;
    list.begin_object();
    list.key("service").text(to_string_view(what));
    if (!s.host.empty()) list.key("host").text(s.host);
    list.key("appender").text(appender_of(what));
    list.key("since").text(iso_time(s.silent->since));
    if (s.datagrams > 0) list.key("lastDatagram").text(iso_time(s.silent->last));
    list.key("limitSeconds").integer(whole_seconds(s.silent->limit));
    list.key("cause").text(s.silent->cause.word);
    list.key("text").text(s.silent->cause.text);
    list.key("next").text(s.silent->cause.next);
    list.end_object();
    to.alarms.push_back(
        {"service_silent", server + ' ' + std::string{to_string_view(what)}, alarm::weight::warning,
         "Nothing has come from " + std::string{appender_of(what)} + " of " + server + " since " +
             iso_time(s.silent->since) + ", though there are sessions. " + s.silent->cause.text,
         s.silent->cause.next, s.silent->since});
  }
  list.end_array();
  auto silent = list.take();
  if (silent == x.told) return;
  auto out = document_of(server, now.wall, x.by);
  out.key("silent").raw(silent);
  x.told = std::move(silent);
  to.insights.push_back(
      {insight_kind::silence, false, server, silence_topic("", server), out.end_object().take(), x.by});
}

void silence::inherit(analysis& former) {
  auto* x = dynamic_cast<silence*>(&former);
  if (!x) return;
  servers_ = std::move(x->servers_);
  for (auto& [name, server] : servers_) {
    server.told.clear();
    for (auto i = server.services.begin(); i != server.services.end();)
      i = i->second.datagrams == 0 ? server.services.erase(i) : std::next(i); // was expected
  }
}

void silence::tick(const moment& now, findings& to) {
  const auto seen = look_();
  all_others came;
  const auto newer = [&](std::optional<duration>& x, time_point then) {
    x = std::min(x.value_or(duration::max()), now.steady - then);
  };
  for (auto i = servers_.begin(); i != servers_.end();) {
    if (now.steady - i->second.polled > forgotten * options_.fresh) {
      i = servers_.erase(i);
      continue;
    }
    look_at_use(i->second, now);
    add_expected(i->first, i->second);
    ++i;
  }
  for (auto [port, what] : {std::pair{&seen.users, &came.users}, std::pair{&seen.logs, &came.logs}})
    if (port->not_followed != time_point{}) {
      newer(what->ago, port->not_followed);
      newer(what->unmatched_ago, port->not_followed);
    }
  for (const auto& a : seen.all) {
    auto& port = is_user_event(a.from) ? came.users : came.logs;
    newer(port.ago, a.last);
    const auto& server = seen.hosts->of(a.host);
    const auto at = servers_.find(server);
    if (at != servers_.end()) note_arrival(at->second, a, port_of(a.from, seen).full, now);
    if (!server.empty() || a.host.empty()) continue;
    newer(port.unmatched_ago, a.last);
    port.unmatched.push_back(a.host);
  }
  for (auto* port : {&came.users, &came.logs}) {
    auto& all = port->unmatched; // several services of a machine
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }
  for (auto& [server, x] : servers_) {
    judge(server, x, seen, came, now, to);
    if (now.steady - x.polled <= options_.fresh) tell(server, x, now, to);
  }
}

} // namespace senseflow::messages::insights
