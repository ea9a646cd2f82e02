#include "actors/cluster/held_events.hpp"

#include <utility>

namespace senseflow::actors {

namespace {
const std::string& host_of(const messages::user_event& x) { return x.host; }
const std::string& host_of(const messages::log_event& x) { return x.host(); }
} // namespace

const std::string& origin_of(const held_event& x) {
  return std::visit([](const auto& e) -> const std::string& { return host_of(e); }, x.event);
}

bool held_events::takes(const messages::event_id& id, size_t bytes) const {
  return bytes_ + bytes <= max_bytes_ && by_id_.count(id) == 0;
}

void held_events::put(const messages::event_id& id, held_event x) {
  by_id_[id] = ++last_;
  bytes_ += x.bytes;
  ++by_origin_[origin_of(x)];
  copies_.emplace_hint(copies_.end(), last_, copy{id, std::move(x)});
}

size_t held_events::of(const std::string& origin) const {
  const auto i = by_origin_.find(origin);
  return i == by_origin_.end() ? 0 : i->second;
}

held_event* held_events::find(const messages::event_id& id) {
  const auto i = by_id_.find(id);
  return i == by_id_.end() ? nullptr : &copies_.at(i->second).what;
}

std::optional<held_event> held_events::take(const messages::event_id& id) {
  const auto i = by_id_.find(id);
  if (i == by_id_.end()) return std::nullopt;
  return remove(copies_.find(i->second));
}

void held_events::forget_promises(const std::string& node) {
  for (auto& [number, x] : copies_)
    if (x.what.accepted_by == node) x.what.accepted_by.clear();
}

void held_events::take_if(const std::function<bool(const held_event&)>& p,
                          const std::function<void(held_event&&)>& to) {
  for (auto i = copies_.begin(); i != copies_.end();) {
    const auto at = i++;
    if (p(at->second.what)) to(remove(at));
  }
}

held_event held_events::remove(std::map<uint64_t, copy>::iterator i) {
  auto result = std::move(i->second.what);
  bytes_ -= result.bytes;
  const auto origin = by_origin_.find(origin_of(result));
  if (--origin->second == 0) by_origin_.erase(origin);
  by_id_.erase(i->second.id);
  copies_.erase(i);
  return result;
}

} // namespace senseflow::actors
