#include "test/fuzz/finding_model.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/text.hpp"
#include "test/fuzz/documents.hpp"
#include "test/fuzz/invariants.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace senseflow::fuzz {

namespace {

using messages::insight_kind;
using messages::insights::alarm;
using messages::insights::findings;
using nlohmann::json;

size_t alarms_of(const findings& in, std::string_view id, const std::string& subject_begins) {
  return static_cast<size_t>(std::count_if(in.alarms.begin(), in.alarms.end(), [&](const alarm& x) {
    return x.id == id && x.subject.compare(0, subject_begins.size(), subject_begins) == 0;
  }));
}

void check_alarms(const findings& x) {
  std::set<std::pair<std::string_view, std::string>> subjects;
  for (const auto& a : x.alarms) {
    check_alarm(a);
    require(subjects.emplace(a.id, a.subject).second, "an alarm is raised once", a.subject);
    unsigned long long lost = 0, of = 0;
    if (a.id == "datagrams_missing")
      require(std::sscanf(a.text.c_str(), "%llu of %llu datagrams", &lost, &of) == 2 && lost > 0 &&
                  lost <= of,
              "not more is lost than was sent", a.text);
  }
}

void check_counts(const findings& x) {
  for (const auto& c : x.counts) {
    require(c.name.size() > 6 && c.name.compare(c.name.size() - 6, 6, "_total") == 0, "a counter is named so",
            c.name);
    require(std::isfinite(c.n) && c.n > 0, "what is counted is there", c.name);
    for (const auto& [name, value] : c.labels) check_utf8(value, "a label");
  }
}

void check_silence(const json& x, const std::string& server, const findings& in) {
  std::set<std::string> services;
  for (const auto& s : x.at("silent"))
    require(services.insert(s.at("service").get<std::string>()).second, "a service is silent once", x.dump());
  require(alarms_of(in, "service_silent", server + ' ') == services.size(), "what is silent has its alarm",
          x.dump());
}

void check_memory(const json& x, const std::string& server, const findings& in) {
  const bool raised = alarms_of(in, "memory_runaway", server) > 0;
  require(x.at("alarm") == raised && x.contains("since") == raised, "the document says what the alarm does",
          x.dump());
  require(x.at("committed").get<double>() >= 0 && x.at("limit").get<double>() >= 0, "memory is not negative",
          x.dump());
}

} // namespace

void finding_model::listed(const messages::session_sample& x) {
  // Another owner begins anew.
  if (auto& by = owners_[x.server]; !(by == x.by)) {
    by = x.by;
    published_.erase(x.server);
  }
  for (const auto& s : x.sessions) {
    ids_[x.server].insert(messages::cleaned(s.session_id, 100));
    for (const auto* text : {&s.user_directory, &s.user_id})
      odd_users_ = odd_users_ || messages::cleaned(*text, 100) != *text;
  }
}

void finding_model::check(const findings& x, const moment& now) {
  check_alarms(x);
  check_counts(x);
  for (const auto& i : x.insights) check_document(i, x, now);
}

void finding_model::check_document(const messages::insight& x, const findings& in, const moment& now) {
  constexpr size_t longest = 128 << 10;
  const bool live = x.kind == insight_kind::sessions && !x.event;
  const auto json = check_insight(x, live ? limits_.max_bytes : longest);
  require(json.at("timestamp") == messages::iso_time(now.wall), "a document is of its time", x.payload);
  require(json.value("server", x.origin) == x.origin, "a document is of its server", x.payload);
  switch (x.kind) {
  case insight_kind::sessions:
    return x.event ? check_end(x, json) : check_live(x, json, now);
  case insight_kind::silence:
    return check_silence(json, x.origin, in);
  case insight_kind::memory:
    return check_memory(json, x.origin, in);
  case insight_kind::certificates:
    return check_certificates(json, now);
  default:
    return;
  }
}

void finding_model::check_live(const messages::insight& x, const json& json, const moment& now) {
  const auto& sessions = json.at("sessions");
  require(json.at("count") == sessions.size() + json.at("omitted").get<size_t>(),
          "listed and omitted are all", x.payload);
  require(sessions.size() <= limits_.max_sessions && json.at("uniqueUsers") <= limits_.max_sessions,
          "not more sessions are followed than may be", x.payload);
  std::set<std::string> ids;
  std::string before;
  for (const auto& s : sessions) {
    const auto id = s.at("id").get<std::string>();
    require(ids_[x.origin].count(id) == 1, "a session that is shown was listed", id);
    require(ids.insert(messages::ascii_lower(id)).second, "a session is shown once", id);
    const auto start = s.at("start").get<std::string>();
    require(before.empty() || start <= before, "the last begun comes first", x.payload);
    before = start;
    require(odd_users_ || s.at("userDir") != "INTERNAL" || s.at("userId") != "user0",
            "who is excluded is not shown", x.payload);
  }
  const auto [i, is_first] = published_.try_emplace(x.origin, now.steady);
  require(is_first || now.steady - i->second >= limits_.interval, "sessions are not published too often");
  i->second = now.steady;
}

void finding_model::check_end(const messages::insight& x, const json& json) const {
  require(json.at("start") <= json.at("end"), "a session ends after its start", x.payload);
  require(odd_users_ || json.at("userDir") != "INTERNAL" || json.at("userId") != "user0",
          "who is excluded is not shown", x.payload);
  if (!json.contains("id")) return;
  const auto of = ids_.find(x.origin);
  require(of != ids_.end() && of->second.count(json.at("id").get<std::string>()) == 1,
          "a session that ended was listed", x.payload);
}

void finding_model::check_certificates(const json& json, const moment& now) const {
  const auto& list = json.at("certificates");
  require(list.size() + json.value("omitted", size_t{0}) == certificates_.size(),
          "listed and omitted are all", json.dump());
  auto sorted = certificates_;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.not_after < b.not_after; });
  constexpr auto day = std::chrono::hours(24);
  for (size_t i = 0; i < list.size(); ++i) {
    const auto end = sorted[i].not_after;
    require(list[i].at("notAfter") == messages::iso_time(end), "the first to expire come first", json.dump());
    const auto left = list[i].at("daysLeft").get<int64_t>();
    require(end - now.wall >= day * left && end - now.wall < day * (left + 1), "days are counted",
            json.dump());
  }
}

} // namespace senseflow::fuzz
