#include "actors/polling/availability_tracker.hpp"

#include "messages/text/text.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

using messages::server_event_kind;
using messages::server_state;

void availability_tracker::watch(const std::vector<std::string>& apis) {
  auto before = std::exchange(apis_, {});
  for (const auto& name : apis) {
    auto i = std::find_if(before.begin(), before.end(), [&](const auto& x) { return x.name == name; });
    if (i != before.end())
      apis_.push_back(std::move(*i));
    else
      apis_.push_back({name, {}, 0});
  }
  std::stable_partition(apis_.begin(), apis_.end(), [](const auto& x) { return x.name == health; });
}

/// The health API's trouble comes before that of the others, which have the order of the configuration.
messages::availability_sample availability_tracker::judge() const {
  messages::availability_sample result;
  auto bad = std::find_if(apis_.begin(), apis_.end(), [](const auto& x) { return x.failures > 0; });
  if (bad == apis_.end()) return result;
  bool gone = bad->last.error == "refused" || bad->last.error == "dns";
  result.state =
      bad->name == health && (gone || bad->failures > 1) ? server_state::offline : server_state::degraded;
  result.api = bad->name;
  result.error = bad->last.error;
  result.http_status = bad->last.http_status;
  return result;
}

std::optional<availability_tracker::change>
availability_tracker::ended(const std::string& api, poll_outcome outcome, messages::moment now) {
  auto i = std::find_if(apis_.begin(), apis_.end(), [&](const auto& x) { return x.name == api; });
  if (i == apis_.end()) return std::nullopt;
  i->last = outcome;
  if (outcome.error.empty()) {
    i->failures = 0;
    last_good_ = now.steady;
  } else if (i->failures < 2) {
    ++i->failures;
  }
  auto x = judge();
  bool state_changed = !told_ || told_->state != x.state;
  if (state_changed) since_ = now.steady;
  date(x, now);
  if (!state_changed && told_->api == x.api && told_->error == x.error && told_->http_status == x.http_status)
    return std::nullopt;
  told_ = x;
  return change{std::move(x), state_changed};
}

void availability_tracker::date(messages::availability_sample& x, messages::moment now) const {
  const auto wall_time_of = [&](auto then) { return now.wall - (now.steady - then); };
  x.timestamp = now.wall;
  x.since = wall_time_of(since_);
  if (last_good_) x.last_good_poll = wall_time_of(*last_good_);
}

std::optional<messages::availability_sample> availability_tracker::known(messages::moment now) const {
  if (!told_) return std::nullopt;
  auto x = *told_;
  date(x, now);
  return x;
}

std::vector<messages::server_event>
availability_tracker::engine(std::string_view started, std::string_view version, caf::timestamp now) {
  std::vector<messages::server_event> result;
  auto compare = [&](std::string& known, std::string_view text, server_event_kind kind) {
    constexpr size_t limit = 100; // much more than Sense sends
    auto value = messages::cleaned(text, limit);
    if (value.empty() || value == known) return;
    if (!known.empty()) result.push_back({{}, {}, now, kind, known, value});
    known = std::move(value);
  };
  compare(version_, version, server_event_kind::version_changed);
  compare(started_, started, server_event_kind::engine_restarted);
  return result;
}

} // namespace senseflow::actors
