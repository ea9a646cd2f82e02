// One of each kind of document that the analyses of sessions and memory make, in all their forms.
#pragma once

#include "messages/insights/live_sessions.hpp"
#include "messages/insights/memory_runaway.hpp"
#include "test/messages/insights/session_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

inline void add_documents(messages::insights::analysis& of, caf::timespan at, messages::item_list items,
                          std::vector<messages::insight>& to) {
  const messages::insights::moment now{noon + at, std::chrono::steady_clock::time_point{} + 1000h + at};
  of.observe(items, now);
  messages::insights::findings found;
  of.tick(now, found);
  for (auto& x : found.insights) to.push_back(std::move(x));
}

inline std::string one_app(std::string_view id) { return id == sales ? "Sales" : ""; }

/// A session with a browser and apps, one without, the ends of both, and one that no list had.
inline void add_session_documents(const messages::polled_by& by, std::vector<messages::insight>& to) {
  insights::live_sessions_options o;
  o.servers["sense1"] = {{"/"}, 1000, 30s, 30min};
  o.hosts = {{{"sense1", {"pro1"}}}, {}};
  o.app_name = one_app;
  insights::live_sessions aut{o};
  const auto poll = [&](caf::timespan at, const listed& sessions) {
    messages::item_list items;
    items.sessions.push_back(list_of(sessions, noon + at));
    items.sessions.back().by = by;
    add_documents(aut, at, std::move(items), to);
  };
  const auto hear = [&](caf::timespan at, const std::string& command, const std::string& user,
                        const std::string& app = {}) {
    messages::item_list items;
    items.user_events.push_back(event_of(command, user, noon + at, user == "anna" ? chrome : "", app));
    add_documents(aut, at, std::move(items), to);
  };
  poll(0s, {{"a", "anna"}, {"b", "bert"}});
  hear(1s, "Open connection", "anna", sales);
  hear(2s, "Open connection", "anna", "00000000-0000-4000-8000-000000000001");
  hear(3s, "Start session", "carla");
  hear(4s, "Stop session", "carla");
  poll(30s, {{"a", "anna"}, {"b", "bert"}});
  poll(60s, {});
  add_documents(aut, 70s, {}, to);
}

/// Quiet, then growing to the limit while two apps are loaded.
inline void add_memory_documents(const messages::polled_by& by, std::vector<messages::insight>& to) {
  insights::memory_runaway_options o;
  o.servers = {"sense1"};
  o.app_name = one_app;
  insights::memory_runaway aut{o};
  for (int i = 0; i < 12; ++i) {
    messages::health_sample x;
    x.server = "sense1";
    x.by = by;
    const auto committed = i < 6 ? 300 : 300 + (i - 6) * 120;
    const auto mb = [](int n) {
      return messages::json_scalar{messages::scalar_kind::number, std::to_string(n)};
    };
    x[messages::health_value::mem_committed] = mb(committed);
    x[messages::health_value::mem_free] = mb(1000 - committed);
    auto& apps = x[messages::health_list::in_memory_docs];
    apps.present = true;
    if (i > 6)
      for (const auto* id : {sales, "00000000-0000-4000-8000-000000000001"})
        apps.items.push_back({messages::scalar_kind::text, id});
    messages::item_list items;
    items.health.push_back(std::move(x));
    add_documents(aut, i * 60s, std::move(items), to);
  }
}

inline std::vector<messages::insight> insight_documents() {
  std::vector<messages::insight> result;
  for (const auto& by : {messages::polled_by{}, messages::polled_by{"node-1", 4711}}) {
    add_session_documents(by, result);
    add_memory_documents(by, result);
  }
  return result;
}

} // namespace senseflow::test
