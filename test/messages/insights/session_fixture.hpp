// Lists and events of sessions, as tests need them.
#pragma once

#include "messages/insights/session_table.hpp"
#include "messages/items/session_sample.hpp"
#include "messages/items/user_event.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;
namespace insights = messages::insights;

inline const caf::timestamp noon = caf::timestamp{} + 20'000 * 24h + 12h;
inline constexpr auto chrome =
    "UserAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/120.0.0.0 Safari/537.36'";
inline constexpr auto firefox =
    "UserAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0'";
inline constexpr auto sales = "2933711d-6638-41d4-a2d2-6dd2d965208b";

/// Id and user id.
using listed = std::vector<std::pair<std::string, std::string>>;

/// Complete at that time, after 200 ms.
inline messages::session_sample list_of(const listed& sessions, caf::timestamp at,
                                        const std::string& virtual_proxy = "/") {
  messages::session_sample x;
  x.server = "sense1";
  x.host = "sense1.example.com";
  x.virtual_proxy = virtual_proxy;
  x.timestamp = at;
  x.duration = 200ms;
  for (const auto& [id, user] : sessions) x.sessions.push_back({"LAB", user, "{}", id});
  return x;
}

/// As soon as it is complete.
inline void show(insights::session_table& to, const messages::session_sample& x,
                 const messages::user_set& exclude = {}) {
  to.polled(x, x.timestamp, exclude);
}

inline messages::user_event event_of(const std::string& command, const std::string& user, caf::timestamp at,
                                     const std::string& message = chrome, const std::string& app = {}) {
  messages::user_event x;
  x.type = "qseow-proxy-session";
  x.host = "PRO1";
  x.command = command;
  x.user_directory = "LAB";
  x.user_id = user;
  x.context = app.empty() ? "/hub" : "/app/" + app;
  x.message = message;
  x.received = at;
  return x;
}

} // namespace senseflow::test
