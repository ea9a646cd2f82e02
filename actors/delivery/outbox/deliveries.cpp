#include "actors/delivery/outbox/deliveries.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace senseflow::actors {

bool deliveries::connected() const {
  return std::any_of(publishers_.begin(), publishers_.end(), [](const publisher& p) { return p.connected; });
}

bool deliveries::connected(uint32_t slot) const { return slot < slots() && publishers_[slot].connected; }

deliveries::change deliveries::state_of(const messages::publisher_state& x) {
  change result;
  result.is_first = x.connected && !connected();
  if (x.slot >= slots()) publishers_.resize(x.slot + 1);
  auto& known = publishers_[x.slot];
  result.came = x.connected && !known.connected;
  result.ended = known.connected && !x.connected;
  result.carried_suspect = known.suspect_sent;
  if (!known.connected) known.suspect_sent = false;
  known.connected = x.connected;
  known.window = x.window;
  return result;
}

void deliveries::forget(uint32_t slot) {
  if (slot < slots()) publishers_[slot] = {};
}

void deliveries::forget_connections() {
  for (auto& p : publishers_) p.connected = false;
}

std::vector<uint64_t> deliveries::given_to(uint32_t slot, const std::vector<uint64_t>& without) const {
  const std::set<uint64_t> others{without.begin(), without.end()};
  std::vector<uint64_t> result;
  for (const auto& [id, x] : items_)
    if (x.slot == slot && others.count(id) == 0) result.push_back(id);
  return result;
}

bool deliveries::serves(uint32_t slot, uint32_t lane) {
  auto& r = routes_[lane];
  for (uint32_t i = 0; r.on_the_way == 0 && i < slots(); ++i) {
    auto candidate = (lane + i) % slots();
    if (!publishers_[candidate].connected) continue;
    r.slot = candidate;
    break;
  }
  return r.slot == slot;
}

bool deliveries::has_room(uint32_t slot, size_t messages, bool is_suspect) const {
  const auto& p = publishers_[slot];
  const auto least = std::min<size_t>(messages, (p.window + 1) / 2);
  return p.messages == 0 || (!p.alone && !is_suspect && p.messages + least <= p.window);
}

void deliveries::give(uint32_t slot, uint64_t id, uint32_t lane, outbox_item x, bool is_suspect) {
  auto& p = publishers_[slot];
  p.messages += x.content->messages.size();
  p.alone = is_suspect;
  p.suspect_sent = p.suspect_sent || is_suspect;
  ++routes_[lane].on_the_way;
  items_.emplace(id, delivery{std::move(x), lane, slot});
}

bool deliveries::carries_state(const messages::shared_text& replaces) const {
  return std::any_of(items_.begin(), items_.end(), [&](const auto& i) {
    return i.second.what.is_state() && i.second.what.content->replaces == replaces;
  });
}

deliveries::delivery deliveries::take(map::iterator i) {
  auto x = std::move(i->second);
  items_.erase(i);
  publishers_[x.slot].messages -= x.what.content->messages.size();
  --routes_[x.lane].on_the_way;
  return x;
}

} // namespace senseflow::actors
