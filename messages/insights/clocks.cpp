#include "messages/insights/clocks.hpp"

#include "messages/insights/document.hpp"
#include "messages/text/state_topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;

constexpr auto events_window = 5min; // that arrivals remember
constexpr auto worth_telling = 500ms;
constexpr auto tell_again = 1h;
constexpr auto alike = 2s;                   // clocks that are set by the same servers
constexpr auto latest_date = 7'258'118'400s; // in 2200: nobody's clock is so wrong, and differences fit

using nanoseconds = std::chrono::nanoseconds;

nanoseconds magnitude(nanoseconds x) { return x < 0ns ? -x : x; }

double seconds(nanoseconds x) {
  const auto whole = std::chrono::round<std::chrono::milliseconds>(x);
  return static_cast<double>(whole.count()) / 1000;
}

std::string in_words(const skew_estimate& x, bool of_ours) {
  const bool ahead = (x.ahead > 0ns) != of_ours;
  return fmt::format("{:.1f} s (to {:.1f} s) {}", seconds(magnitude(x.ahead)), seconds(x.uncertainty),
                     ahead ? "ahead of" : "behind");
}

/// Not if our clock was set back while we waited for it.
bool is_usable(const dated_answer& x) { return x.date < latest_date && x.asked <= x.answered; }

constexpr const char* advice =
    "Set this machine and the Sense servers by the same time servers (NTP): certificates, "
    "the order of events and the age of sessions depend on them.";

} // namespace

void clocks::take_in(const clocks_view& seen, const moment& now) {
  for (auto i = servers_.begin(); i != servers_.end();)
    i = seen.answers.count(i->first) == 0 ? servers_.erase(i) : std::next(i);
  for (const auto& [server, answer] : seen.answers) {
    auto& x = servers_[server];
    x.by = answer.by;
    x.events.reset();
    if (answer.answered == x.answered) continue;
    x.answered = answer.answered;
    if (!is_usable(answer)) continue;
    x.skew.add(bounds_of(answer.date, answer.asked, answer.answered), now.steady);
  }
  if (now.steady < trust_events_) return;
  for (const auto& a : seen.arrivals) {
    const auto i = a.ahead ? servers_.find(seen.hosts->of(a.host)) : servers_.end();
    if (i != servers_.end())
      i->second.events = std::max(i->second.events.value_or(nanoseconds::min()), *a.ahead);
  }
}

/// It has to be well below the limit to count as below it again.
void clocks::judge(server_state& x, const moment& now) const {
  x.now = x.skew.estimate(x.events, now.steady);
  if (!x.now) return;
  const auto surely = magnitude(x.now->ahead) - x.now->uncertainty;
  const bool beyond = surely > (x.beyond ? options_.limit * 4 / 5 : options_.limit);
  if (beyond != x.beyond || x.since == caf::timestamp{}) x.since = now.wall;
  x.beyond = beyond;
}

bool clocks::ours_is_wrong() const {
  std::vector<nanoseconds> all;
  for (const auto& [server, x] : servers_) {
    if (!x.now) continue;
    if (!x.beyond) return false;
    all.push_back(x.now->ahead);
  }
  if (all.size() < 2) return false;
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  return *most - *least <= alike;
}

void clocks::tell(const std::string& server, server_state& x, bool ours, const moment& now,
                  findings& to) const {
  if (!x.now) return;
  const bool told = x.told.at != time_point{};
  const bool moved =
      magnitude(x.now->ahead - x.told.ahead) >= std::max<nanoseconds>(worth_telling, x.told.uncertainty);
  if (told && !moved && x.beyond == x.told.beyond && ours == x.told.ours &&
      now.steady - x.told.at < tell_again)
    return;
  x.told = {x.now->ahead, x.now->uncertainty, x.beyond, ours, now.steady};
  auto out = document_of(server, now.wall, x.by);
  out.key("skewSeconds").number(seconds(x.now->ahead));
  out.key("uncertaintySeconds").number(seconds(x.now->uncertainty));
  out.key("source").text(x.now->source);
  out.key("beyondLimit").boolean(x.beyond);
  out.key("since").text(iso_time(x.since));
  out.key("limitSeconds").number(seconds(options_.limit));
  if (x.beyond) out.key("suspect").text(ours ? "node" : "server");
  to.insights.push_back(
      {insight_kind::clock, false, server, clock_topic("", server), out.end_object().take(), x.by});
}

void clocks::raise(bool ours, findings& to) const {
  for (const auto& [server, x] : servers_) {
    if (!x.now || !x.beyond) continue;
    if (ours)
      return to.alarms.push_back(
          {"clock_skewed", "this machine", alarm::weight::warning,
           fmt::format("This machine's clock is {} those of all Sense servers.", in_words(*x.now, true)),
           advice, x.since});
    to.alarms.push_back({"clock_skewed", server, alarm::weight::warning,
                         fmt::format("The clock of {} is {} ours.", server, in_words(*x.now, false)), advice,
                         x.since});
  }
}

void clocks::inherit(analysis& former) {
  auto* x = dynamic_cast<clocks*>(&former);
  if (!x) return;
  servers_ = std::move(x->servers_);
  for (auto& [name, server] : servers_) server.told = {};
  ours_ = x->ours_;
  trust_events_ = x->trust_events_;
}

void clocks::tick(const moment& now, findings& to) {
  if (ours_.set_by(now) != 0ns) {
    for (auto& [server, x] : servers_) x.skew.forget();
    trust_events_ = now.steady + events_window;
    to.add("clock_set_total");
  }
  take_in(options_.look(), now);
  for (auto& [server, x] : servers_) judge(x, now);
  const bool ours = ours_is_wrong();
  std::map<std::string, double> known;
  for (auto& [server, x] : servers_) {
    tell(server, x, ours, now, to);
    if (x.now) known[server] = seconds(x.now->ahead);
  }
  raise(ours, to);
  options_.note(std::move(known));
}

} // namespace senseflow::messages::insights
