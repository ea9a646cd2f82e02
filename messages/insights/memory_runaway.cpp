#include "messages/insights/memory_runaway.hpp"

#include "messages/insights/document.hpp"
#include "messages/text/state_topics.hpp"
#include "messages/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace senseflow::messages::insights {

namespace {

constexpr size_t most_apps = 2000, most_shown = 20, most_named = 3;
constexpr uint32_t calm_polls = 3;
constexpr double full = 0.97; ///< an alarm stays while so much of the limit is used
constexpr double megabyte = 1048576;
constexpr double most_memory = 1e12; ///< MB: what is more is no memory, and no number of bytes
constexpr size_t longest_id = 100;

double number_of(const json_scalar& x) {
  return x.kind == scalar_kind::number ? whole_number(x.text) : std::nan("");
}

int64_t bytes(double mb) { return std::llround(std::clamp(mb, -most_memory, most_memory) * megabyte); }

std::string in_words(std::chrono::seconds x) {
  if (x < std::chrono::minutes(2)) return fmt::format("{} s", x.count());
  if (x < std::chrono::hours(2)) return fmt::format("{} min", x.count() / 60);
  return fmt::format("{} h", x.count() / 3600);
}

} // namespace

void memory_runaway::observe(const item_list& items, const moment& now) {
  for (const auto& x : items.health) {
    if (options_.servers.count(x.server) == 0) continue;
    auto& e = engines_[x.server];
    if (!(e.by == x.by)) e = {}; // with another owner it begins anew
    e.by = x.by;
    see(e, x, now);
  }
}

void memory_runaway::see(engine& to, const health_sample& x, const moment& now) {
  const auto committed = number_of(x[health_value::mem_committed]),
             free = number_of(x[health_value::mem_free]);
  const auto limit = options_.limit > 0 ? options_.limit : committed + free;
  if (!(committed > 0 && limit > 0 && std::max(committed, limit) <= most_memory)) return;
  if (auto started = x[health_value::started].text.substr(0, longest_id); to.started != started) {
    to.trend.restart();
    to.apps.clear();
    to.started = std::move(started);
  }
  see_apps(to, x, now);
  to.trend.add(now.steady, committed, limit);
  to.outlook = to.trend.look(options_.trend);
  to.polled = now;
  judge(to, now);
}

void memory_runaway::see_apps(engine& to, const health_sample& x, const moment& now) {
  const auto& in_memory = x[health_list::in_memory_docs];
  const auto& list = in_memory.present ? in_memory : x[health_list::loaded_docs];
  const bool first = to.trend.empty(); // they were there before
  std::map<std::string, moment> next;
  for (const auto& app : list.items) {
    if (app.text.empty() || app.text.size() > longest_id || next.size() >= most_apps) continue;
    const auto i = to.apps.find(app.text);
    next.emplace(app.text, i != to.apps.end() ? i->second : first ? moment{} : now);
  }
  to.apps = std::move(next);
}

void memory_runaway::judge(engine& x, const moment& now) {
  const auto& o = x.outlook;
  const bool reason = o.imminent || o.soon || (x.alarm && o.used() >= full);
  x.calm = reason ? 0 : x.calm + 1;
  if (reason && !x.alarm) {
    x.alarm = true;
    x.alarm_since = now;
    ++x.begun;
  }
  if (x.alarm && x.calm >= calm_polls) x.alarm = false;
  if (!x.alarm) x.trend.get_used(now.steady, o.used());
  x.news = true;
}

void memory_runaway::tick(const moment& now, findings& to) {
  for (auto i = engines_.begin(); i != engines_.end();) {
    auto& [server, x] = *i;
    const bool gone = now.steady - x.polled.steady > 10 * options_.poll_interval;
    if (gone) x.alarm = false;
    if (x.begun > 0) to.add("memory_alarms_total", {{"server", server}}, std::exchange(x.begun, 0));
    const bool changed = x.alarm != x.told;
    if (!x.trend.empty() && (changed || (x.news && (x.alarm || (!gone && now.steady >= x.next))))) {
      to.insights.push_back(document(server, x, now));
      x.told = x.alarm;
      x.news = false;
      x.next = now.steady + options_.interval;
    }
    if (x.alarm) to.alarms.push_back(alarm_of(server, x));
    i = gone ? engines_.erase(i) : std::next(i);
  }
}

void memory_runaway::inherit(analysis& former) {
  auto* x = dynamic_cast<memory_runaway*>(&former);
  if (!x) return;
  engines_ = std::move(x->engines_);
  for (auto i = engines_.begin(); i != engines_.end();) {
    i->second.news = true; // it may go to another topic
    i->second.next = {};
    i = options_.servers.count(i->first) > 0 ? std::next(i) : engines_.erase(i);
  }
}

std::vector<std::pair<std::string, moment>> memory_runaway::loaded_meanwhile(const engine& x) const {
  std::vector<std::pair<std::string, moment>> result;
  for (const auto& [id, since] : x.apps)
    if (since.steady > x.outlook.lowest) result.emplace_back(id, since);
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return a.second.steady != b.second.steady ? a.second.steady > b.second.steady : a.first < b.first;
  });
  result.resize(std::min(result.size(), most_shown));
  return result;
}

insight memory_runaway::document(const std::string& server, const engine& x, const moment& now) const {
  const auto& o = x.outlook;
  auto out = document_of(server, now.wall, x.by);
  out.key("alarm").boolean(x.alarm);
  if (x.alarm) out.key("since").text(iso_time(x.alarm_since.wall));
  out.key("committed").integer(bytes(o.committed));
  out.key("limit").integer(bytes(o.limit));
  out.key("used").number(std::round(o.used() * 1000) / 10);
  out.key("growth").integer(bytes(o.growth));
  if (o.left) out.key("exhaustedIn").integer(o.left->count());
  out.key("apps").begin_array();
  for (const auto& [id, since] : loaded_meanwhile(x)) {
    out.begin_object();
    out.key("id").text(id);
    if (const auto name = options_.app_name ? options_.app_name(id) : std::string{}; !name.empty())
      out.key("name").text(name);
    out.key("since").text(iso_time(since.wall));
    out.end_object();
  }
  out.end_array();
  return {insight_kind::memory, false, server, memory_topic("", server), out.end_object().take(), x.by};
}

alarm memory_runaway::alarm_of(const std::string& server, const engine& x) const {
  const auto& o = x.outlook;
  std::string apps;
  const auto loaded = loaded_meanwhile(x);
  for (size_t i = 0; i < std::min(loaded.size(), most_named); ++i) {
    const auto name = options_.app_name ? options_.app_name(loaded[i].first) : std::string{};
    apps += i == 0 ? " Loaded meanwhile: " : ", ";
    apps += cleaned(name.empty() ? loaded[i].first : name, longest_id);
  }
  if (loaded.size() > most_named) apps += fmt::format(" and {} more", loaded.size() - most_named);
  if (!apps.empty()) apps += '.';
  return {
      "memory_runaway",
      server,
      o.imminent ? alarm::weight::critical : alarm::weight::warning,
      fmt::format("The engine of {} has {:.0f} of {:.0f} MB and grows by {:.0f} MB a minute{}.{}", server,
                  o.committed, o.limit, o.growth * 60,
                  o.left ? ": it will be full in " + in_words(*o.left) : "", apps),
      "See who uses these apps and what they do; ending their sessions, or restarting the engine's service, "
      "frees memory.",
      x.alarm_since.wall};
}

} // namespace senseflow::messages::insights
