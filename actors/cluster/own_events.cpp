#include "actors/cluster/own_events.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

void own_events::began(const messages::event_id& x, time_point now, bool late) {
  if (open_.size() >= most || by_age_.size() >= most) {
    ++left_out_;
    return;
  }
  open_.emplace(x, event{now, late, false, false});
  by_age_.emplace_back(now, x);
}

void own_events::forget(const messages::event_id& x) {
  const auto i = open_.find(x);
  if (i == open_.end()) return;
  if (i->second.promised) --promised_;
  open_.erase(i);
}

bool own_events::elsewhere(const messages::event_id& x) {
  const auto i = open_.find(x);
  if (i == open_.end()) return false;
  i->second.elsewhere = true;
  return true;
}

bool own_events::take_elsewhere(const messages::event_id& x) {
  const auto i = open_.find(x);
  if (i == open_.end() || !i->second.elsewhere) return false;
  forget(x);
  return true;
}

void own_events::ended(const messages::event_id& x, bool published, time_point now) {
  const auto i = open_.find(x);
  const bool late = i == open_.end() || i->second.late || now - i->second.since >= patience_;
  forget(x);
  tell(!published ? event_fate::abandoned : late ? event_fate::published_late : event_fate::published, x);
}

size_t own_events::abandon_all() {
  const auto result = open_.size();
  for (const auto& [id, x] : std::exchange(open_, {})) tell(event_fate::abandoned, id);
  by_age_.clear();
  promised_ = 0;
  return result;
}

void own_events::tell(event_fate what, const messages::event_id& x) {
  if (to_tell_.size() >= most) {
    to_tell_.pop_front();
    ++left_out_;
  }
  to_tell_.push_back({what, x});
}

std::optional<event_digest> own_events::digest(time_point now) {
  auto events = take(event_digest::most_events, now);
  if (events.empty() && !(promised_ > 0 && now - told_ >= sign_of_life)) return std::nullopt;
  told_ = now;
  return event_digest{incarnation_, ++number_, std::move(events)};
}

std::vector<event_digest::entry> own_events::take(size_t n, time_point now) {
  for (; !by_age_.empty() && now - by_age_.front().first >= patience_; by_age_.pop_front()) {
    const auto i = open_.find(by_age_.front().second);
    if (i == open_.end() || i->second.promised) continue;
    i->second.promised = true;
    ++promised_;
    tell(event_fate::accepted, i->first);
  }
  const auto count = std::min(n, to_tell_.size());
  const auto end = to_tell_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<event_digest::entry> result{to_tell_.begin(), end};
  to_tell_.erase(to_tell_.begin(), end);
  return result;
}

} // namespace senseflow::actors
