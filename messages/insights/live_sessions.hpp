// Sessions put together: what the proxies list and what their events tell, as one object for each session.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/clock_watch.hpp"
#include "messages/insights/machine_hints.hpp"
#include "messages/insights/server_of_host.hpp"
#include "messages/insights/session_table.hpp"
#include "messages/rules/user_set.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages::insights {

struct live_sessions_options {
  std::map<std::string, session_table_options> servers; ///< whose sessions are polled
  server_of_host hosts;                                 ///< which of them an event comes from
  user_set exclude;
  std::chrono::milliseconds interval{5000}; ///< between two publications of a table, at least
  size_t max_bytes = 262144;                ///< of a publication
  /// The name of the app with this id; "" if it is not known.
  std::function<std::string(std::string_view id)> app_name;
  /// Events of servers that other nodes poll are theirs to make sense of; null: there are none.
  std::function<bool(const std::string& server)> polled_here;
  /// The log tells of this machine in any case, since it is no server at all; null: of none.
  std::function<bool(const std::string& host)> told_elsewhere;
};

/// `sessions/<server>/live` holds the sessions that are there, after each change; `sessions/<server>/ended`
/// tells of each one that has ended. When our clock is set all times are corrected, so that nothing else follows
/// from it. In a cluster a table begins anew with each change of its server's owner.
/// Counts: `sessions_ended_total{server,how}`, `session_ends_dropped_total{server}`,
/// `session_events_unmatched_total{reason}`.
class live_sessions : public analysis {
public:
  explicit live_sessions(live_sessions_options o) : options_(std::move(o)) {}

  void observe(const item_list& items, const moment& now) override;
  void tick(const moment& now, findings& to) override;

  /// Tables of servers that are polled as before go on from there.
  void inherit(analysis& former) override;

private:
  struct followed {
    session_table table;
    polled_by by;
    std::chrono::steady_clock::time_point next{}; ///< publication, not before
  };

  void follow_clock(const moment& now);
  followed* of(const session_sample& x);
  bool polled_here(const std::string& server) const {
    return !options_.polled_here || options_.polled_here(server);
  }
  insight table_of(const std::string& server, const followed& x, const moment& now) const;
  insight end_of(const std::string& server, const followed& x, const ended_session& e,
                 const moment& now) const;

  live_sessions_options options_;
  std::map<std::string, followed> servers_;
  clock_watch clock_;
  uint64_t unknown_host_ = 0, no_session_ = 0; ///< events, since the last tick
  machine_hints hints_{"user events", "server whose sessions are polled", "insights.sessions"};
};

} // namespace senseflow::messages::insights
