// The sessions of one Sense server: its lists tell which there are, events tell more of them, and each makes up for
// what is missing in the other.
#pragma once

#include "messages/insights/live_session.hpp"
#include "messages/insights/session_news.hpp"
#include "messages/insights/tracked_sessions.hpp"
#include "messages/items/session_sample.hpp"
#include "messages/rules/user_set.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

struct session_table_options {
  std::set<std::string> virtual_proxies; ///< that are polled
  size_t max_sessions = 1000;            ///< that are followed
  std::chrono::milliseconds poll_interval{30000};
  std::chrono::milliseconds idle_timeout{1800000};
};
inline bool operator==(const session_table_options& a, const session_table_options& b) {
  return a.virtual_proxies == b.virtual_proxies && a.max_sessions == b.max_sessions &&
         a.poll_interval == b.poll_interval && a.idle_timeout == b.idle_timeout;
}

/// - A session is one that a list has. One that only events tell of waits for its list; it is forgotten when the next
///   list of each virtual proxy does not have it (others are not polled), unless its end was told.
/// - Events name users, rarely sessions. Whose event it is follows from an id in its message, else from what each of
///   the user's sessions lacks. A wrong guess is found with the next list: who is listed is alive, and an end that
///   was guessed is published only when a list confirms it.
/// - Who is not listed any more has ended; the event that says so may still come for a moment.
/// What is kept is bounded. Times are those of our clock; when that is set, so are they.
class session_table {
public:
  explicit session_table(session_table_options o) : options_(std::move(o)) {}

  /// A list that was complete then.
  void polled(const session_sample& x, caf::timestamp when, const user_set& exclude);

  /// False: it belongs to no session that is known.
  bool heard(const session_news& x, const user_event& event, caf::timestamp when);

  /// Our clock was set by so much.
  void clock_set(caf::timespan by);

  /// What waited long enough is decided.
  void pass(caf::timestamp now);

  static constexpr size_t most_ended = 1000;
  struct endings {
    std::vector<ended_session> all; ///< at most `most_ended`
    uint64_t lost = 0;              ///< further ones
  };
  /// Since the last call.
  endings take_ended() { return std::exchange(ended_, {}); }

  /// Whether `live` or `beyond` show something else than at the last call; true at the first one.
  bool take_change() { return std::exchange(changed_, false); }
  void change() { changed_ = true; }
  /// In order of their start, the last first.
  std::vector<const live_session*> live() const;
  /// Listed, but not followed for want of room.
  size_t beyond() const;
  /// The last list's time; 0 before the first.
  caf::timestamp listed() const { return listed_; }

private:
  using place = tracked_sessions::place;
  struct proxy {
    caf::timestamp begun{}; ///< the last list; 0: none yet
    size_t beyond = 0;
  };

  struct list {
    const std::string& virtual_proxy;
    caf::timestamp when, begun;
  };
  bool take_listed(const session_entry& x, const list& in);
  void miss_others(const list& in);

  bool start(const session_news& x, caf::timestamp when, const live_session& known);
  bool stop(const session_news& x, caf::timestamp when);
  bool open(const session_news& x, caf::timestamp when, const live_session& known);
  bool close(const session_news& x, caf::timestamp when);

  void keep_stop(const std::string& user, caf::timestamp when, size_t sessions);
  std::optional<caf::timestamp> take_stop(const tracked_session& x);
  void leave(place p, departure d);
  void come_back(place p);
  void tell_end(tracked_session& x);
  void note(place p, const session_news& x, caf::timestamp when);

  session_table_options options_;
  tracked_sessions sessions_;
  std::unordered_map<std::string, std::vector<caf::timestamp>> stops_; ///< of users with several sessions
  std::map<std::string, proxy> proxies_;
  endings ended_;
  uint64_t lists_ = 0;
  caf::timestamp listed_{};
  bool changed_ = true;
};

} // namespace senseflow::messages::insights
