#include "actors/delivery/outbox/retained_state.hpp"

#include <algorithm>

namespace senseflow::actors {

using messages::mqtt_message;
using messages::outcome;

namespace {
bool clears(const mqtt_message& m) { return m.retain && m.payload.size() == 0; }
bool holds(const std::set<std::string>& xs, const std::string& x) { return xs.count(x) > 0; }
} // namespace

retained_state::entry* retained_state::note(const std::string& topic, messages::item_class cls,
                                            const messages::shared_text& origin) {
  auto i = topics_.find(topic);
  if (i != topics_.end()) return &i->second;
  if (topics_.size() >= most_topics) return nullptr;
  auto& x = topics_[topic];
  x.cls = cls;
  x.origin = origin;
  x.unwanted = configured_ && !holds(configured_->all, topic);
  x.disputed = configured_ && holds(configured_->disputed, topic);
  news(topic, x, true);
  return &x;
}

void retained_state::news(const std::string& topic, const entry& x, bool is_there) {
  if (recorded_) news_.push_back({topic, x.cls, x.origin.str(), is_there && !x.disputed});
}

void retained_state::all_news() {
  news_.clear();
  for (const auto& [topic, x] : topics_) news(topic, x, true);
}

void retained_state::queue(const std::string& topic, entry& x) {
  if (std::exchange(x.queued, true)) return;
  due_[messages::lane_of(x.origin.view(), outbox_lane_count)].push_back(topic);
}

void retained_state::recover(const std::vector<messages::retained_topic>& found) {
  for (const auto& x : found)
    if (is_state(x.cls)) note(x.topic, x.cls, x.source);
  news_.clear();
}

// --- what is configured ---------------------------------------------------------------------------

std::vector<std::string> retained_state::configured(std::shared_ptr<const retained_topics> x) {
  const auto before = std::exchange(configured_, std::move(x));
  if (before && before->presence != configured_->presence)
    // Its connections say "offline" in the end: it is cleared behind that.
    if (auto i = topics_.find(before->presence); i != topics_.end())
      i->second.cleared_after = last_connection_;
  if (!configured_->presence.empty())
    note(configured_->presence, messages::item_class::node, configured_->node);
  std::vector<std::string> result;
  for (auto i = topics_.begin(); i != topics_.end();) {
    const auto current = i++;
    auto& [topic, known] = *current;
    const bool disputed = holds(configured_->disputed, topic);
    if (std::exchange(known.disputed, disputed) != disputed) news(topic, known, true);
    const auto was = std::exchange(known.unwanted, !holds(configured_->all, topic));
    if (known.unwanted || holds(configured_->elsewhere, topic)) values_.erase(topic);
    if (!known.unwanted) continue;
    if (disputed) {
      topics_.erase(current); // left to the other one
      continue;
    }
    queue(topic, known);
    if (!was) result.push_back(topic);
  }
  return result;
}

std::vector<std::string> retained_state::found(const std::vector<messages::retained_topic>& xs) {
  std::vector<std::string> result;
  if (!configured_) return result;
  for (const auto& x : xs) {
    if (holds(configured_->all, x.topic) || topics_.count(x.topic) > 0) continue;
    auto* const known = note(x.topic, x.cls, x.source);
    if (known == nullptr) break;
    queue(x.topic, *known);
    result.push_back(x.topic);
  }
  return result;
}

bool retained_state::may_be_cleared(const entry& x) const {
  return std::all_of(connections_.begin(), connections_.end(),
                     [&](const auto& c) { return !c.second.up || c.second.began > x.cleared_after; });
}

bool retained_state::outdated(const messages::publication& x) const {
  if (!configured_) return false;
  if (const auto& m = x.messages.front(); clears(m))
    return holds(configured_->all, m.topic.str()) || holds(configured_->disputed, m.topic.str());
  const auto& theirs = configured_->elsewhere;
  return !theirs.empty() && std::any_of(x.messages.begin(), x.messages.end(), [&](const auto& m) {
    return m.retain && holds(theirs, m.topic.str());
  });
}

// --- connections ----------------------------------------------------------------------------------

void retained_state::connection_began(uint32_t slot, bool resumed) {
  auto& c = connections_[slot];
  c.began = ++last_connection_;
  c.up = true;
  values_of_topics forgotten;
  for (auto& [topic, x] : topics_) {
    if (x.unwanted)
      queue(topic, x); // again, if it was refused before
    else if (const auto* value = values_.find(topic); !resumed && value != nullptr && x.over <= c.ended)
      forgotten.emplace_back(value->bytes, &topic);
  }
  send_anew(std::move(forgotten));
}

void retained_state::send_anew(values_of_topics xs) {
  std::sort(xs.begin(), xs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [bytes, topic] : xs) {
    auto& x = topics_.at(*topic);
    x.forgotten = true;
    queue(*topic, x);
  }
}

size_t retained_state::all_again() {
  values_of_topics all;
  for (const auto& [topic, x] : topics_)
    if (const auto* value = values_.find(topic);
        value != nullptr && !x.unwanted && x.cls != messages::item_class::node)
      all.emplace_back(value->bytes, &topic);
  const auto n = all.size();
  send_anew(std::move(all));
  return n;
}

void retained_state::connection_ended(uint32_t slot) {
  auto& c = connections_[slot];
  if (std::exchange(c.up, false)) c.ended = last_connection_;
}

void retained_state::connections_ended() {
  for (auto& [slot, c] : connections_) connection_ended(slot);
}

// --- what goes out --------------------------------------------------------------------------------

void retained_state::sent(uint32_t slot, const messages::publication& x) {
  if (!is_state(x.cls)) return;
  for (const auto& m : x.messages) {
    if (!m.retain) continue;
    if (clears(m)) {
      if (auto i = topics_.find(m.topic.str()); i != topics_.end()) i->second.filled = false;
    } else if (auto* known = note(m.topic.str(), x.cls, x.origin)) {
      known->replaces = x.replaces;
      known->over = connections_[slot].began;
      known->filled = true;
      known->forgotten = false;
      if (known->unwanted) queue(m.topic.str(), *known); // it came late
    }
  }
}

void retained_state::delivered(const outbox_item& x, const std::vector<messages::message_outcome>& each) {
  if (!x.is_state()) return;
  for (size_t i = 0; i < x.content->messages.size(); ++i) {
    const auto& m = x.content->messages[i];
    if (!m.retain || (i < each.size() && each[i].result == outcome::refused)) continue;
    const auto known = topics_.find(m.topic.str());
    if (clears(m)) {
      if (known == topics_.end() || known->second.filled) continue;
      news(known->first, known->second, false);
      topics_.erase(known);
      ++counts_.cleared;
    } else if (known == topics_.end()) {
      if (!configured_ || holds(configured_->all, m.topic.str())) ++counts_.left_out;
    } else if (!known->second.unwanted && !(configured_ && holds(configured_->elsewhere, known->first))) {
      counts_.left_out += values_.put(m, x.accepted_ms);
    }
  }
}

std::optional<outbox_item>
retained_state::next(uint32_t lane, int64_t unix_ms,
                     const std::function<bool(const messages::shared_text&)>& newer) {
  auto& due = due_[lane];
  while (!due.empty()) {
    const auto i = topics_.find(due.front());
    due.pop_front();
    if (i == topics_.end()) continue;
    auto& x = i->second;
    x.queued = false;
    messages::publication result;
    result.cls = x.cls;
    result.origin = x.origin;
    if (x.unwanted && x.disputed) {
      topics_.erase(i); // it came late
      continue;
    }
    if (x.unwanted) {
      if (!may_be_cleared(x)) continue; // the next connection queues it again
      result.replaces = "clear " + i->first;
      result.messages.push_back({i->first, "", 1, true, 0, false});
      return outbox_item{std::move(result), unix_ms};
    }
    const auto* value = values_.find(i->first);
    if (!std::exchange(x.forgotten, false) || value == nullptr || newer(x.replaces)) continue;
    result.replaces = x.replaces;
    result.messages.push_back(value->message);
    ++counts_.sent_anew;
    return outbox_item{std::move(result), value->accepted_ms};
  }
  return std::nullopt;
}

} // namespace senseflow::actors
