#include "messages/insights/session_table.hpp"

#include "messages/text/text.hpp"

#include <algorithm>
#include <iterator>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;
using place = tracked_sessions::place;

constexpr size_t longest_text = 100;
constexpr size_t most_unlisted = 1000; ///< that only events tell of: anybody can send those
constexpr size_t most_open_stops = 1000;
/// What a list and an event say of the same moment may be so far apart.
constexpr auto slack = 500ms;
/// So long an event may come after the list that has been made after it.
constexpr auto grace = 5s;

bool has_id(const tracked_session& x, const std::string& token) {
  return x.listed() && equal_ignoring_case(x.what.id, token);
}

bool has_token(const tracked_session& x, const std::string& token) {
  return !token.empty() && (x.what.token == token || has_id(x, token));
}

/// Those that the token does not rule out: it is another one's where a session is known by another one.
std::vector<place> that_fit(const std::vector<place>& xs, const std::string& token) {
  std::vector<place> result;
  std::copy_if(xs.begin(), xs.end(), std::back_inserter(result),
               [&](place p) { return token.empty() || p->what.token.empty() || has_token(*p, token); });
  return result;
}

place with_token(const std::vector<place>& xs, const std::string& token, place none) {
  const auto i = std::find_if(xs.begin(), xs.end(), [&](place p) { return has_token(*p, token); });
  return i == xs.end() ? none : *i;
}

bool same_browser(const live_session& x, const session_news& y) {
  return x.browser == y.browser && x.os == y.os;
}

opened_app* app_of(live_session& x, const std::string& id) {
  const auto i = std::find_if(x.apps.begin(), x.apps.end(), [&](const auto& a) { return a.id == id; });
  return i == x.apps.end() ? nullptr : &*i;
}

void connect(live_session& to, const std::string& app) {
  ++to.connections;
  if (app.empty()) return;
  auto* known = app_of(to, app);
  if (known)
    ++known->connections;
  else if (to.apps.size() < opened_app::most)
    to.apps.push_back({app, 1});
}

void disconnect(live_session& from, const std::string& app) {
  if (from.connections > 0) --from.connections;
  if (auto* known = app_of(from, app); known && known->connections > 0) --known->connections;
}

} // namespace

std::string_view to_string_view(session_end x) {
  switch (x) {
  case session_end::stopped:
    return "stopped";
  case session_end::timed_out:
    return "timed_out";
  case session_end::vanished:
    return "vanished";
  }
  return "unknown";
}

// --- lists --------------------------------------------------------------------------------------

void session_table::polled(const session_sample& x, caf::timestamp when, const user_set& exclude) {
  const list in{x.virtual_proxy, when, when - x.duration};
  ++lists_;
  listed_ = when;
  size_t beyond = 0;
  for (const auto& entry : x.sessions)
    if (!exclude.contains(entry.user_directory, entry.user_id) && !take_listed(entry, in)) ++beyond;
  miss_others(in);
  auto& p = proxies_[x.virtual_proxy];
  changed_ = changed_ || p.beyond != beyond;
  p = {in.begun, beyond};
}

/// False: it is not followed.
bool session_table::take_listed(const session_entry& x, const list& in) {
  auto id = cleaned(x.session_id, longest_text);
  if (id.empty()) return false;
  auto p = sessions_.by_id(id);
  if (p != sessions_.end()) {
    p->list = lists_;
    // A list that was under way when it ended may still have it.
    if (p->left && p->left->end + slack < in.begun) come_back(p);
    return true;
  }
  const auto directory = cleaned(x.user_directory, longest_text), user = cleaned(x.user_id, longest_text);
  const auto key = user_key(directory, user);
  // An event may have told of it: one that waits, or one that has ended since this list was begun.
  std::vector<place> candidates;
  for (const bool left : {false, true})
    for (const auto q : sessions_.of_user(key, left))
      if (!q->listed() && q->what.start <= in.when + slack && (!left || q->left->end + slack >= in.begun))
        candidates.push_back(q);
  p = with_token(candidates, ascii_lower(id), candidates.empty() ? sessions_.end() : candidates.front());
  if (p == sessions_.end()) {
    if (sessions_.size() - sessions_.unlisted() >= options_.max_sessions) return false;
    tracked_session fresh;
    fresh.what.user_directory = directory;
    fresh.what.user_id = user;
    fresh.what.start = fresh.what.last_activity = in.when;
    fresh.user = key;
    if (const auto i = proxies_.find(in.virtual_proxy); i != proxies_.end())
      fresh.not_before = i->second.begun;
    p = sessions_.add(std::move(fresh));
  }
  p->first_listed = in.when;
  p->list = lists_;
  sessions_.list_as(p, std::move(id), in.virtual_proxy);
  changed_ = true;
  return true;
}

/// Who is not in the list has ended, or is not there at all.
void session_table::miss_others(const list& in) {
  for (auto p = sessions_.begin(); p != sessions_.end();) {
    const auto next = std::next(p);
    if (p->listed() ? p->what.virtual_proxy == in.virtual_proxy && p->list != lists_
                    : p->what.start + slack < in.begun) {
      if (!p->listed()) p->not_listed.insert(in.virtual_proxy);
      const bool nowhere = p->listed() || p->not_listed.size() >= options_.virtual_proxies.size();
      if (nowhere && p->listed() && !p->left) leave(p, {in.when, session_end::vanished, true});
      const bool undecided = p->left && p->left->missed;
      if (nowhere && !undecided) {
        if (p->left) tell_end(*p);
        sessions_.erase(p);
      }
    }
    p = next;
  }
}

// --- events -------------------------------------------------------------------------------------

bool session_table::heard(const session_news& x, const user_event& event, caf::timestamp when) {
  live_session known;
  known.user_directory = event.user_directory;
  known.user_id = event.user_id;
  switch (x.step) {
  case session_step::start:
    return start(x, when, known);
  case session_step::stop:
    return stop(x, when);
  case session_step::open:
    return open(x, when, known);
  case session_step::close:
    return close(x, when);
  case session_step::other:
    break;
  }
  return true;
}

bool session_table::start(const session_news& x, caf::timestamp when, const live_session& known) {
  const auto alive = that_fit(sessions_.of_user(x.user, false), x.token);
  auto p = with_token(alive, x.token, sessions_.end());
  for (auto i = alive.begin(); p == sessions_.end() && i != alive.end(); ++i) {
    const auto& s = **i;
    const auto noticed = s.listed() ? s.first_listed : s.what.start;
    if (s.what.start_inferred && s.not_before <= when + slack && when <= noticed + slack) p = *i;
  }
  if (p == sessions_.end()) {
    if (sessions_.unlisted() >= most_unlisted) return false;
    tracked_session fresh;
    fresh.what = known;
    fresh.user = x.user;
    p = sessions_.add(std::move(fresh));
  }
  sessions_.began(p, when);
  p->what.start_inferred = false;
  note(p, x, when);
  return true;
}

bool session_table::open(const session_news& x, caf::timestamp when, const live_session& known) {
  const auto alive = that_fit(sessions_.of_user(x.user, false), x.token);
  auto p = with_token(alive, x.token, sessions_.end());
  if (p == sessions_.end() && !alive.empty()) {
    const auto i = std::find_if(alive.rbegin(), alive.rend(),
                                [&](place q) { return q->what.heard && same_browser(q->what, x); });
    p = i == alive.rend() ? alive.back() : *i;
  }
  if (p == sessions_.end()) { // who is active is alive: its end was another session's
    const auto gone = that_fit(sessions_.of_user(x.user, true), x.token);
    const auto i = std::find_if(gone.rbegin(), gone.rend(), [](place q) { return !q->left->told; });
    if (i != gone.rend()) come_back(p = *i);
  }
  if (p == sessions_.end()) { // its start was lost
    if (sessions_.unlisted() >= most_unlisted) return false;
    tracked_session fresh;
    fresh.what = known;
    fresh.what.start = when;
    fresh.user = x.user;
    p = sessions_.add(std::move(fresh));
  }
  connect(p->what, x.app);
  note(p, x, when);
  return true;
}

bool session_table::close(const session_news& x, caf::timestamp when) {
  auto all = that_fit(sessions_.of_user(x.user, false), x.token);
  for (const auto p : that_fit(sessions_.of_user(x.user, true), x.token)) all.push_back(p);
  auto p = with_token(all, x.token, sessions_.end());
  // Of those that fit, one with this app open, else one with anything open.
  for (const bool app : {true, false})
    for (auto i = all.begin(); p == sessions_.end() && i != all.end(); ++i) {
      const auto* opened = app_of((*i)->what, x.app);
      if (app ? opened && opened->connections > 0 : (*i)->what.connections > 0) p = *i;
    }
  if (p == sessions_.end() && all.size() == 1) p = all.front();
  if (p == sessions_.end()) return false;
  disconnect(p->what, x.app);
  if (!p->left) note(p, x, when);
  return true;
}

bool session_table::stop(const session_news& x, caf::timestamp when) {
  const auto alive = that_fit(sessions_.of_user(x.user, false), x.token);
  const departure d{when, x.timed_out ? session_end::timed_out : session_end::stopped};
  if (const auto p = with_token(alive, x.token, sessions_.end()); p != sessions_.end()) {
    leave(p, d);
    if (has_id(*p, x.token)) tell_end(*p);
    return true;
  }
  for (const auto p : that_fit(sessions_.of_user(x.user, true), x.token)) // a list was faster
    if (p->left->missed) {
      const auto missed = *p->left;
      p->left = d;
      p->left->end = std::min(when, missed.end);
      tell_end(*p);
      sessions_.erase(p);
      return true;
    }
  if (alive.empty()) return false;
  if (alive.size() == 1) {
    leave(alive.front(), d);
    return true;
  }
  // The next lists tell which of them it was.
  keep_stop(x.user, when, alive.size());
  return true;
}

void session_table::note(place p, const session_news& x, caf::timestamp when) {
  auto& s = p->what;
  s.heard = true;
  s.last_activity = std::max(s.last_activity, when);
  if (s.token.empty()) s.token = x.token;
  if (s.browser.empty()) s.browser = x.browser;
  if (s.os.empty()) s.os = x.os;
  changed_ = changed_ || p->listed();
}

// --- ends ---------------------------------------------------------------------------------------

/// For one of so many sessions of this user.
void session_table::keep_stop(const std::string& user, caf::timestamp when, size_t sessions) {
  const auto i = stops_.find(user);
  if (i == stops_.end()) {
    if (stops_.size() < most_open_stops) stops_.emplace(user, std::vector<caf::timestamp>{when});
  } else if (i->second.size() < sessions) {
    i->second.push_back(when);
  }
}

/// The stop that was said after the last list that had it, if any.
std::optional<caf::timestamp> session_table::take_stop(const tracked_session& x) {
  const auto i = stops_.find(x.user);
  if (i == stops_.end()) return std::nullopt;
  const auto since = proxies_[x.what.virtual_proxy].begun;
  auto& times = i->second;
  const auto found = std::find_if(times.begin(), times.end(), [&](auto t) { return t + slack >= since; });
  if (found == times.end()) return std::nullopt;
  const auto result = *found;
  times.erase(found);
  if (times.empty()) stops_.erase(i);
  return result;
}

/// It is not shown any more.
void session_table::leave(place p, departure d) {
  if (d.missed)
    if (const auto t = take_stop(*p)) d = {*t, session_end::stopped};
  sessions_.leave(p, d);
  changed_ = changed_ || p->listed();
}

void session_table::come_back(place p) {
  // The end that was told is another one's.
  if (!p->left->missed) keep_stop(p->user, p->left->end, sessions_.of_user(p->user, false).size() + 1);
  sessions_.come_back(p);
  changed_ = changed_ || p->listed();
}

/// Once.
void session_table::tell_end(tracked_session& x) {
  if (std::exchange(x.left->told, true)) return;
  ended_session e{x.what, x.left->end, x.left->how, x.left->missed};
  e.end = std::max(e.end, x.what.start);
  const bool idle = x.what.heard && x.what.connections == 0 &&
                    x.what.last_activity + options_.idle_timeout <= e.end + grace;
  if (idle && e.how != session_end::timed_out) {
    e.how = session_end::timed_out;
    e.inferred = true;
  }
  if (ended_.all.size() < most_ended)
    ended_.all.push_back(std::move(e));
  else
    ++ended_.lost;
}

void session_table::pass(caf::timestamp now) {
  const auto patience = 3 * options_.poll_interval + grace; // lists may not come at all
  for (auto p = sessions_.begin(); p != sessions_.end();) {
    const bool late = p->left ? now >= p->left->end + (p->left->missed ? grace : patience)
                              : !p->listed() && now >= p->what.start + patience;
    if (!late) {
      ++p;
      continue;
    }
    if (p->left) tell_end(*p);
    p = sessions_.erase(p);
  }
  for (auto i = stops_.begin(); i != stops_.end();) {
    auto& times = i->second;
    times.erase(std::remove_if(times.begin(), times.end(), [&](auto t) { return now >= t + patience; }),
                times.end());
    i = times.empty() ? stops_.erase(i) : std::next(i);
  }
}

/// Else durations would be wrong, and whatever follows from them.
void session_table::clock_set(caf::timespan by) {
  for (auto& x : sessions_) {
    for (auto* t : {&x.what.start, &x.what.last_activity, &x.not_before, &x.first_listed}) *t += by;
    if (x.left) x.left->end += by;
  }
  for (auto& [user, times] : stops_)
    for (auto& t : times) t += by;
  for (auto& [name, x] : proxies_) x.begun += by;
  listed_ += by;
  changed_ = true;
}

std::vector<const live_session*> session_table::live() const {
  std::vector<const live_session*> result;
  for (const auto& x : sessions_)
    if (x.listed() && !x.left) result.push_back(&x.what);
  std::sort(result.begin(), result.end(), [](const auto* a, const auto* b) {
    return a->start != b->start ? a->start > b->start : a->id < b->id;
  });
  return result;
}

size_t session_table::beyond() const {
  size_t result = 0;
  for (const auto& [name, x] : proxies_) result += x.beyond;
  return result;
}

} // namespace senseflow::messages::insights
